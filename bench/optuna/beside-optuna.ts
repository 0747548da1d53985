import { createRandom, type Point } from '@tandem/core';
import type { BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { median } from '../paired.ts';
import { openOptuna } from './optuna.ts';
import { ownSearch, type Searched } from './own-search.ts';

const seeds = 10;
const trials = 300;
const dimensions = 20;
/** Both searches learn from as many points before they propose any; they are given the same. */
const warmTrials = 10;

const space = Array.from({ length: dimensions }, () => ({ kind: 'range', low: 0.5, high: 1 }) as const);

/** Ours and Optuna's TPE in turn on the same function from the same points; no rows but a remark where Optuna is absent. */
export async function besideOptuna(context: BenchContext): Promise<BenchResult> {
  const optuna = await openOptuna(context.signal);
  if (optuna === null) {
    context.progress(absent);
    return { rows: [], remarks: [absent] };
  }
  const own: Searched[] = [];
  const theirs: Searched[] = [];
  try {
    ours(0);
    for (let seed = 0; seed < seeds; seed++) {
      context.signal.throwIfAborted();
      own.push(ours(seed));
      theirs.push(await optuna.search(seed, trials, warmPoints(seed)));
      context.progress(`seed ${seed}: ${times(own[seed])} and ${times(theirs[seed])} a trial`);
    }
  } finally {
    optuna.close();
  }
  return { rows: rowsOf(own, theirs), remarks: [remark(optuna.version)] };
}

const absent = 'NOT compared with Optuna: there is no python3 with Optuna here (Debian: python3-optuna).';

const remark = (version: string): string =>
  `Optuna ${version} in a Python process of its own (bench/optuna/optuna_trials.py), its TPE sampler with its own settings, storage in memory; ${seeds} seeds in turn with ours, ` +
  `${trials} trials on the sum of 1/x + x² over ${dimensions} coordinates from 0.5 to 1, whose least value is ${(dimensions * 1.5 * 2 ** (1 / 3)).toFixed(3)}, the first ${warmTrials} trials the same for both. ` +
  'Time of a trial: from one call of the objective to the next, the median of those after the warm ones, of that the median over seeds. Ours draws 2 candidates a dimension and Optuna 24. Target: 200 times.';

const times = (searched: Searched | undefined): string => `${(1e3 * (searched?.seconds ?? 0)).toFixed(3)} ms`;

function rowsOf(own: readonly Searched[], theirs: readonly Searched[]): BenchRow[] {
  const middle = (searched: readonly Searched[], of: (one: Searched) => number): number =>
    median(searched.map(of));
  const [trial, value] = [`TPE, a trial at ${dimensions} dimensions`, `TPE, value after ${trials} trials`];
  const seconds = middle(own, (one) => one.seconds);
  const slower = middle(theirs, (one) => one.seconds);
  const least = middle(own, (one) => one.value);
  const other = middle(theirs, (one) => one.value);
  return [
    { case: trial, value: seconds, unit: 's' },
    { case: `${trial}, Optuna`, value: slower, unit: 's', ratioTo: trial, ratio: slower / seconds },
    { case: value, value: least, unit: '' },
    { case: `${value}, Optuna`, value: other, unit: '', ratioTo: value, ratio: other / least },
    { case: `${value}, greatest`, value: Math.max(...own.map((one) => one.value)), unit: '' },
    { case: `${value}, greatest, Optuna`, value: Math.max(...theirs.map((one) => one.value)), unit: '' },
  ];
}

const objective = (point: Point): number => point.reduce((sum, x) => sum + 1 / x + x * x, 0);

const ours = (seed: number): Searched =>
  ownSearch({ space, objective, trials, seed, warm: warmPoints(seed) });

function warmPoints(seed: number): Point[] {
  const random = createRandom(seed).split('warm');
  return Array.from({ length: warmTrials }, () =>
    space.map(({ low, high }) => low + (high - low) * random.next()),
  );
}
