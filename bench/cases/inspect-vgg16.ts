import { stat } from 'node:fs/promises';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { type ProcessCost, processCost } from '../models/process-cost.ts';
import { withScratch } from '../models/scratch.ts';
import { writeZooFile } from '../models/zoo-file.ts';
import { median } from '../paired.ts';
import { tandemProgram } from '../tandem-program.ts';

const rounds = 9;

export const inspectVgg16: Bench = {
  title: 'Time and peak memory of the whole process `tandem inspect` on a VGG16 file of 550 MB.',
  run: (context: BenchContext): Promise<BenchResult> =>
    withScratch(async (folder) => {
      context.progress('writing VGG16');
      const file = await writeZooFile(folder, 'vgg16');
      const { size } = await stat(file);
      const node: ProcessCost[] = [];
      const inspect: ProcessCost[] = [];
      for (let round = 0; round < rounds; round++) {
        context.signal.throwIfAborted();
        node.push(await processCost(['--eval', '0']));
        inspect.push(await processCost([tandemProgram, 'inspect', file, '--json']));
      }
      const rows = [...rowsOf('Node alone', node), ...rowsOf('tandem inspect', inspect)];
      return { rows, remarks: [`The file has ${size} bytes. ${remark}`] };
    }),
};

const remark = `Medians of ${rounds} runs each, in turn; targets: less than 1 s and less than 200 MB. The file was just written, so its headers are in the page cache.`;

const rowsOf = (name: string, costs: readonly ProcessCost[]): BenchRow[] => [
  { case: `${name}, time`, value: median(costs.map((cost) => cost.seconds)), unit: 's' },
  {
    case: `${name}, peak memory`,
    value: median(costs.map((cost) => cost.peakMemoryBytes)) / 1e6,
    unit: 'MB',
  },
];
