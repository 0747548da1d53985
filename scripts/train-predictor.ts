import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  createRandom,
  fitTrainedPredictor,
  InvalidInputError,
  kindwiseRoofline,
  quantile,
  type ShippedPredictor,
  type TimedSegment,
  type TrainedPredictor,
  trainedSeconds,
} from '@tandem/core';
import { collect } from '../bench/kernels/collect.ts';
import { everything } from '../bench/kernels/everything.ts';
import { timingsOf } from '../bench/kernels/timings.ts';
import { describeMachine, machineText } from '../bench/machine.ts';
import { byDevice, type Foreteller, holdOut } from '../bench/predict/hold-out.ts';
import { readNcnnTable, type Timing } from '../bench/predict/ncnn-table.ts';
import { traitsHere } from '../bench/predict/traits-here.ts';
import { dataFolder } from '../tests/data.ts';

/**
 * Trains the predictor that ships with the program and writes it: `npm run -s build && npx tsx scripts/train-predictor.ts`. Learns from the
 * ncnn table and from segments timed here with each of `--threads 1,2`; `--passes 3` of each. Timings are kept under tmp/ as the bench
 * predict-kernels keeps them.
 */
const seed = 1;
const target = fileURLToPath(
  new URL('../packages/core/src/profile/predict/shipped-predictor.ts', import.meta.url),
);

const { values } = parseArgs({
  options: { threads: { type: 'string', default: '1,2' }, passes: { type: 'string', default: '3' } },
});
const progress = (line: string): void => console.error(line);

if (dataFolder === null)
  throw new InvalidInputError(
    'no test data here, expected latency/ncnn_benchmark.csv',
    'Set TANDEM_DATA to the folder that holds it.',
  );
const { timings } = readNcnnTable(await readFile(join(dataFolder, 'latency', 'ncnn_benchmark.csv'), 'utf8'));
const here: TimedSegment[] = [];
const sources = [
  `ncnn benchmark table: ${timings.length} rows of whole networks on ${new Set(timings.map(({ device }) => device)).size} devices (fp32, CPU, networks with a published layer list, devices with known cores)`,
];
for (const threads of values.threads.split(',').map(Number)) {
  const rows = await segmentsHere(threads, Number(values.passes));
  here.push(...rows);
  sources.push(
    `segments of networks on ${machineText(describeMachine())}: ${rows.length} rows, ${threads} threads, median of ${values.passes} passes`,
  );
}
const held = heldOutErrors();
const trained = rounded(
  fitTrainedPredictor([...timings.map(({ segment }) => segment), ...here], createRandom(seed)),
);
const shipped: ShippedPredictor = {
  provenance: {
    date: new Date().toISOString().slice(0, 10),
    command: `npx tsx scripts/train-predictor.ts --threads ${values.threads} --passes ${values.passes}`,
    seed,
    sources,
    heldOut: held,
  },
  trained,
};
await writeFile(target, fileText(shipped));
progress(`wrote ${target}: ${JSON.stringify(held)}`);

async function segmentsHere(threads: number, passes: number): Promise<TimedSegment[]> {
  const options = { ...everything, threads, passes };
  const signal = new AbortController().signal;
  const collection = await collect(options, { progress, only: '', fresh: false, minutes: null, signal });
  return timingsOf(collection, traitsHere(threads))
    .filter(({ kind }) => kind === 'segment')
    .map(({ work, device, seconds }) => ({ work, device, seconds }));
}

/** Held out by chip, from the table alone: this machine's own rows are always trained on. */
function heldOutErrors(): ShippedPredictor['provenance']['heldOut'] {
  const factors: number[] = [];
  const learned: Foreteller = (training, heldOut) => {
    progress(`held out: ${heldOut[0]?.chip}`);
    const model = fitTrainedPredictor(
      [...training.map(({ segment }) => segment), ...here],
      createRandom(seed),
    );
    return heldOut.map(({ segment }) => {
      const foretold = trainedSeconds(model, segment);
      factors.push(Math.exp(Math.abs(Math.log(foretold / segment.seconds))));
      return foretold;
    });
  };
  const roofline: Foreteller = (_, heldOut) => heldOut.map(({ segment }) => kindwiseRoofline(segment));
  const errorOf = (foretell: Foreteller): number[] =>
    holdOut(timings satisfies readonly Timing[], byDevice, foretell).map(({ error }) => error);
  const errors = errorOf(learned);
  return {
    devices: errors.length,
    medianFactor: significant(quantile(factors, 0.5), 4),
    p90Factor: significant(quantile(factors, 0.9), 4),
    medianErrorShare: significant(quantile(errors, 0.5), 4),
    rooflineMedianErrorShare: significant(quantile(errorOf(roofline), 0.5), 4),
  };
}

/** Digits that change no foretold time by more than a thousandth. */
function rounded({ costs, trees }: TrainedPredictor): TrainedPredictor {
  return {
    costs: costs.map((cost) => significant(cost, 6)),
    trees: { base: significant(trees.base, 6), trees: trees.trees.map(roundedTree) },
  };
}

type Tree = TrainedPredictor['trees']['trees'][number];

function roundedTree(tree: Tree): Tree {
  if (typeof tree === 'number') return significant(tree, 4);
  const [feature, threshold, left, right] = tree;
  return [feature, significant(threshold, 6), roundedTree(left), roundedTree(right)];
}

function significant(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}

function fileText(value: ShippedPredictor): string {
  return `import type { ShippedPredictor } from './trained-predictor.ts';

/** Generated: do not edit. The command, the date and what was learned from stand in its provenance. */
// biome-ignore format: one line of data
export const shippedPredictor: ShippedPredictor = ${JSON.stringify(value)};
`;
}
