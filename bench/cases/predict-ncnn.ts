import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidInputError, type PredictorName, predictors } from '@tandem/core';
import { dataFolder } from '../../tests/data.ts';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { median } from '../paired.ts';
import {
  byDevice,
  byNetwork,
  type Foreteller,
  foretellerOf,
  holdOut,
  meanOfOtherDevices,
  type Score,
  type Split,
} from '../predict/hold-out.ts';
import { medianInterval } from '../predict/median-interval.ts';
import { type NcnnTable, readNcnnTable } from '../predict/ncnn-table.ts';

export const predictNcnn: Bench = {
  title: 'Latency predictors on real devices and networks that they have not seen: the ncnn benchmark table.',
  run: async (context: BenchContext): Promise<BenchResult> => {
    const table = readNcnnTable(await readTable());
    const names = Object.keys(predictors).filter(isPredictor);
    const learned = names.map((name): [string, Foreteller] => [name, foretellerOf(predictors[name])]);
    return {
      rows: [
        ...compare(
          table,
          byDevice,
          'device held out',
          [['mean of the other devices', meanOfOtherDevices], ...learned],
          context,
        ),
        ...compare(table, byNetwork, 'network held out', learned, context),
      ],
      remarks: [...remarksOf(table), ...names.map((name) => `${name}: ${predictors[name].about}`)],
    };
  },
};

const isPredictor = (name: string): name is PredictorName => Object.hasOwn(predictors, name);

async function readTable(): Promise<string> {
  if (dataFolder === null)
    throw new InvalidInputError(
      'no test data here, expected latency/ncnn_benchmark.csv',
      'Set TANDEM_DATA to the folder that holds it.',
    );
  return readFile(join(dataFolder, 'latency', 'ncnn_benchmark.csv'), 'utf8');
}

function compare(
  { timings }: NcnnTable,
  split: Split,
  what: string,
  candidates: readonly (readonly [string, Foreteller])[],
  context: BenchContext,
): BenchRow[] {
  return candidates
    .filter(([name]) => `${what}: ${name}`.includes(context.only))
    .flatMap(([name, foretell]) => {
      context.progress(`${what}: ${name}`);
      return rowsOf(`${what}: ${name}`, holdOut(timings, split, foretell, context.signal));
    });
}

function rowsOf(name: string, scores: readonly Score[]): BenchRow[] {
  const ranks = scores.map(({ rank }) => rank).filter((rank) => !Number.isNaN(rank));
  const errors = scores.map(({ error }) => error);
  const rank = medianInterval(ranks);
  const error = medianInterval(errors);
  return [
    { case: `${name}, rank correlation, median${between(rank)}`, value: rank.median, unit: 'Spearman' },
    { case: `${name}, rank correlation, worst`, value: Math.min(...ranks), unit: 'Spearman' },
    { case: `${name}, error, median${between(error)}`, value: 100 * error.median, unit: '% MAPE' },
    { case: `${name}, error, worst`, value: 100 * Math.max(...errors), unit: '% MAPE' },
  ];
}

const between = ({ low, high }: { readonly low: number; readonly high: number }): string =>
  ` (${low.toFixed(3)} to ${high.toFixed(3)})`;

function remarksOf({ timings, excluded }: NcnnTable): string[] {
  const count = (of: (timing: (typeof timings)[number]) => string): number => new Set(timings.map(of)).size;
  const spreads = timings.map(({ spread }) => spread - 1);
  const reasons = Object.entries(excluded).map(([reason, rows]) => `${rows} ${reason}`);
  return [
    `Kept: ${timings.length} rows, ${count((t) => t.device)} devices with ${count((t) => t.chip)} chips, ${count((t) => t.setting)} settings of threads and cores, ${count((t) => t.network)} networks. Left out: ${reasons.join(', ')}; each row by the first reason that applies, as bench/predict/ncnn-table.ts writes it.`,
    'A held-out device takes all devices of its chip with it, so that no sister board is trained on. A device is scored by the order of the networks in each of its settings, a network by the order of the settings. Medians are over devices or networks; in parentheses a 95 % bootstrap interval over them, errors as fractions.',
    `The truth has noise: the slowest run of a row takes ${(100 * median(spreads)).toFixed(1)} % longer than its fastest, in the median over rows. Boards also differ in cooling and software, which the table does not say.`,
    'Clock, core type and count come from the devices’ names where they say them, and are otherwise the usual ones; what a core does in a cycle, caches and memory rates are common figures, coarse and not checked one by one. Networks enter as counted work (operations and bytes by kind of layer), never by name; the mean of the other devices is the one exception, and cannot foretell a new network.',
    'One seed, settings fixed before this page; no timing happens here, so the machine does not matter.',
  ];
}
