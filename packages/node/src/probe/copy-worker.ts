import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';

/** A thread that copies a block again and again and answers with the seconds of each copy; the first touches the pages and is left out. */
const { blockBytes, rounds } = z.object({ blockBytes: z.int(), rounds: z.int() }).parse(workerData);
const [from, to] = [new Uint8Array(blockBytes).fill(1), new Uint8Array(blockBytes)];
const times: number[] = [];
for (let round = 0; round <= rounds; round++) {
  const startedAt = performance.now();
  to.set(from);
  times.push((performance.now() - startedAt) / 1000);
}
parentPort?.postMessage(times.slice(1));
