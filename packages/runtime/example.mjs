// Two ends over the memory transport, whose link is as slow as asked: a tensor there, a word back.
import { memoryTransport } from '@tandem/runtime';

const clock = {
  now: () => performance.now() / 1000,
  sleep: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
};
const transport = memoryTransport({ bitsPerSecond: 50e6, oneWaySeconds: 0.001, clock });
const limits = { headerBytes: 1024, bodyBytes: 1_000_000 };
const signal = AbortSignal.timeout(10_000);
const text = (word) => new TextEncoder().encode(word);

const listener = await transport.listen(
  'server:0',
  async (connection) => {
    const frame = await connection.receive(signal);
    await connection.send(
      { header: text(`got ${frame.body.length} bytes`), body: new Uint8Array(0) },
      signal,
    );
  },
  { limits },
);

const connection = await transport.dial(listener.address, { limits, signal });
const start = clock.now();
await connection.send({ header: text('a tensor'), body: new Uint8Array(250_000) }, signal);
const answer = await connection.receive(signal);
console.log(`${new TextDecoder().decode(answer.header)} after ${(clock.now() - start).toFixed(3)} s`);

await connection.close();
await listener.close();
