import { openModel } from '../models/opened-model.ts';
import { withScratch } from '../models/scratch.ts';
import { sweepCuts } from './chosen-cuts.ts';
import { openCutChecker } from './cut-check.ts';

/**
 * Checks some cuts of one model and prints a JSON line for each. A process of its own, since ONNX Runtime gives a session's memory
 * back only when the process ends. Arguments: file, cuts of several tensors, seed, then the numbers of the cuts.
 */
const [file = '', multiTensor = '0', seed = '0', ...chosen] = process.argv.slice(2);
const ended = new AbortController();
process.stdin.resume().on('end', () => ended.abort(new Error('the sweep that asked has ended')));

const { signal } = ended;
const opened = openModel(file);
const cuts = sweepCuts(opened.graph, Number(multiTensor), Number(seed));
await withScratch(async (folder) => {
  const checker = await openCutChecker(opened, folder, signal);
  for (const index of chosen.map(Number)) {
    const cut = cuts[index];
    if (cut === undefined) throw new Error(`there is no cut ${index}, expected less than ${cuts.length}`);
    console.log(JSON.stringify({ index, result: await checker.check(cut, signal) }));
  }
  await checker.close();
});
process.exit(0);
