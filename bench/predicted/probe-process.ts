import { seconds } from '@tandem/core';
import { systemClock, tcp } from '@tandem/node';
import type { Connection } from '@tandem/runtime';

/**
 * Messages of the runtime's transport between two hosts: `serve HOST` prints its address and then, for each message, its bytes and the
 * seconds since it was sent; `send ADDRESS BYTES...` sends them one at a time. Both read the same clock. Lines are JSON.
 */
const [role, where = '', ...sizes] = process.argv.slice(2);
const limits = { headerBytes: 1024, bodyBytes: 2 ** 26 };
const never = new AbortController().signal;
process.stdin.resume().on('end', () => process.exit(1));
if (role === 'serve') await serve(where);
else await send(where, sizes.map(Number));

async function serve(host: string): Promise<void> {
  const listener = await tcp().listen(`${host}:0`, (connection) => void receive(connection), { limits });
  console.log(JSON.stringify({ address: listener.address }));
}

async function receive(connection: Connection): Promise<void> {
  for (let frame = await connection.receive(never); frame !== null; frame = await connection.receive(never)) {
    const arrivedSeconds = systemClock.now();
    const sentSeconds = Number(new TextDecoder().decode(frame.header));
    console.log(JSON.stringify({ bytes: frame.body.length, seconds: arrivedSeconds - sentSeconds }));
    await connection.send({ header: frame.header, body: new Uint8Array(0) }, never);
  }
  process.exit(0);
}

async function send(address: string, bodies: readonly number[]): Promise<void> {
  const connection = await tcp().dial(address, { limits, signal: never });
  for (const size of bodies) {
    const body = new Uint8Array(size);
    const header = new TextEncoder().encode(String(systemClock.now()));
    await connection.send({ header, body }, never);
    await connection.receive(never);
    // As between requests: the bucket fills up again.
    await systemClock.sleep(seconds(0.02), never);
  }
  await connection.close();
  process.exit(0);
}
