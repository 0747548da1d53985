import { ortExecutor } from '@tandem/node';

// Leaves with code 7 while its executor is busy, as a program does that is told to stop.
const path = process.argv[2] ?? '';
const signal = new AbortController().signal;
const loaded = await ortExecutor().load({ digest: 'busy', model: { path } }, { signal });
const rows = 5000;
for (let run = 0; run < 50; run++) {
  const data = new Uint8Array(4 * 64 * rows);
  loaded.run([{ name: 'x', type: 'float32', shape: [rows, 64], data }], signal).catch(() => undefined);
}
setTimeout(() => process.exit(7), 100);
