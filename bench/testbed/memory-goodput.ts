import { ResourceError } from '@tandem/core';
import { systemClock } from '@tandem/node';
import { type Connection, memoryTransport } from '@tandem/runtime';

const chunkBytes = 16 * 1024;
const limits = { headerBytes: 1024, bodyBytes: chunkBytes };

/** Payload rate of `bytes` over a memory transport of this rate, in Mbit/s: what stands in where there is no testbed. */
export async function memoryGoodput(megabits: number, bytes: number, signal: AbortSignal): Promise<number> {
  const transport = memoryTransport({ bitsPerSecond: megabits * 1e6, clock: systemClock });
  const accepted: Connection[] = [];
  const listener = await transport.listen('goodput', (connection) => accepted.push(connection), { limits });
  try {
    const sender = await transport.dial('goodput', { limits, signal });
    const [receiver] = accepted;
    if (receiver === undefined) throw new ResourceError('nobody was accepted', 'Report this.');
    const [, rate] = await Promise.all([send(sender, bytes, signal), receive(receiver, signal)]);
    return rate;
  } finally {
    await listener.close();
  }
}

async function send(connection: Connection, bytes: number, signal: AbortSignal): Promise<void> {
  for (let left = bytes; left > 0; left -= chunkBytes)
    await connection.send(
      { header: new Uint8Array(0), body: new Uint8Array(Math.min(left, chunkBytes)) },
      signal,
    );
  await connection.close();
}

/** Counted as over sockets: from the first chunk on. */
async function receive(connection: Connection, signal: AbortSignal): Promise<number> {
  await connection.receive(signal);
  const start = performance.now();
  let bytes = 0;
  for (let frame = await connection.receive(signal); frame !== null; frame = await connection.receive(signal))
    bytes += frame.body.length;
  return (bytes * 8) / ((performance.now() - start) / 1000) / 1e6;
}
