import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { graphOf } from '@tandem/core';
import { loadModel, profileModel } from '@tandem/node';
import { dataFolder } from '../../tests/data.ts';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { measureCondition } from '../predicted/condition.ts';
import { type CutResult, cutResults, errorsOf, pickOf } from '../predicted/judge.ts';
import { slowdown, widest } from '../predicted/weak-pair.ts';
import { requireTestbed } from '../testbed/support.ts';

interface Subject {
  readonly name: string;
  /** A reference that `loadModel` takes; null where the data folder is missing. */
  readonly model: string | null;
}

const subjects: readonly Subject[] = [
  { name: 'mobilenet-v2', model: 'zoo:mobilenet-v2' },
  { name: 'cifar-resnet-56', model: dataFolder && `${dataFolder}/models/cifar10_resnet56.onnx` },
  { name: 'resnet-50', model: 'zoo:resnet-50' },
];
const rates = [5, 20, 100];
const passes = 2;
const budgetSeconds = 12;
const fewestRounds = 3;
const kept = fileURLToPath(new URL('../../tmp/predicted-measured/', import.meta.url));

/** Two-stage plans over TCP, executed, beside what was predicted of them from a profile and a probe of this machine. */
export const predictedMeasured: Bench = {
  title:
    'Predicted against measured compute, transfers and choice of cut, two stages over TCP at 5, 20 and 100 Mbit/s.',
  run: async (context): Promise<BenchResult> => {
    requireTestbed();
    const rows: BenchRow[] = [];
    const remarks = [...about];
    const measured: CutResult[] = [];
    for (const subject of subjects) {
      if (subject.model === null) remarks.push(`SKIPPED ${subject.name}: there is no test data.`);
      else measured.push(...(await measureSubject(subject.name, subject.model, context, rows, remarks)));
    }
    rows.unshift(...errorRows('all', measured));
    return { rows: [...rows.filter(isSummary), ...rows.filter((row) => !isSummary(row))], remarks };
  },
};

const about = [
  `Every single-tensor cut predicted within ${widest} times the best is a row. The device is imitated: its agent runs the real head and holds the answer until ${slowdown} times the profile's time; the server runs the tail as fast as it can; the link is shaped (namespaces, tbf). The answer is wanted at the server.`,
  'Predictions: `tandem profile` of this machine just before, and of each link what its agents measured when asked, as `tandem probe` does (its rate is a row, what a message costs is below).',
  `Compute error: mean over cuts and both stages of |predicted − measured| / measured; measured = inside ONNX Runtime, the head's times ${slowdown} (before it was held). Transfer: from the head's end to the tensor's last byte at the server, by the clock that all processes of a machine share.`,
  'Measured = medians over rounds, each of which goes through all cuts in an order of its own, a request before the one that counts. Targets: errors at most 10 %; the predicted best within 3 % of the measured best or within the 95 % interval of its median.',
];

const isSummary = (row: BenchRow): boolean => !row.case.includes('cut ');

async function measureSubject(
  name: string,
  model: string,
  context: BenchContext,
  rows: BenchRow[],
  remarks: string[],
): Promise<readonly CutResult[]> {
  const conditions = rates.filter((rate) => conditionName(name, rate).includes(context.only));
  if (conditions.length === 0) return [];
  const measured: CutResult[] = [];
  const profile = await profileOf(name, model, context);
  for (const megabits of conditions) {
    const condition = conditionName(name, megabits);
    context.progress(condition);
    const lines = await measureCondition(
      { model, profile, megabits, budgetSeconds, fewestRounds },
      context.signal,
    );
    const results = cutResults(lines.cuts, lines.requests, slowdown);
    measured.push(...results);
    rows.push(...summaryRows(condition, results));
    rows.push(...linkRows(condition, megabits, lines.goodputMegabits, lines.link.bitsPerSecond / 1e6));
    rows.push(...results.flatMap((result) => cutRows(condition, result)));
    const { perMessageSeconds, burstBytes } = lines.link;
    remarks.push(
      `${condition}: ${results.length} cuts, ${results[0]?.requests ?? 0} requests each, ${(perMessageSeconds * 1e3).toFixed(2)} ms a message by the probe, ${burstBytes} bytes of it at once.`,
    );
  }
  return measured;
}

const conditionName = (name: string, megabits: number): string => `${name}, ${megabits} Mbit/s`;

/** Measured anew unless an interrupted run or an earlier one of the last hour has left it. */
async function profileOf(name: string, model: string, context: BenchContext): Promise<string> {
  await mkdir(kept, { recursive: true });
  const output = `${kept}${name}.profile.json`;
  const stamp = `${output}.time`;
  const age = existsSync(stamp)
    ? Date.now() - Number(await readFile(stamp, 'utf8'))
    : Number.POSITIVE_INFINITY;
  if (existsSync(output) && age < freshMilliseconds && !context.fresh) return output;
  const loaded = await loadModel(model);
  try {
    const graph = graphOf(loaded.model, { batch: 1, modelDigest: await loaded.digest() });
    let last = Date.now();
    await profileModel({
      loaded,
      graphs: new Map([[1, graph]]),
      device: 'server',
      threads: [1],
      passes,
      output,
      signal: context.signal,
      onProgress: (done, total) => {
        if (Date.now() - last < 5000) return;
        last = Date.now();
        context.progress(`profile of ${name}: ${done} of ${total} sessions`);
      },
    });
    await writeFile(stamp, String(Date.now()));
    return output;
  } finally {
    await loaded.close();
  }
}

const freshMilliseconds = 3_600_000;

function errorRows(condition: string, results: readonly CutResult[]): BenchRow[] {
  const errors = errorsOf(results);
  return [
    { case: `${condition}: error of compute`, value: 100 * errors.compute, unit: '%' },
    { case: `${condition}: error of transfer`, value: 100 * errors.transfer, unit: '%' },
    { case: `${condition}: error of latency`, value: 100 * errors.latency, unit: '%' },
  ];
}

function summaryRows(condition: string, results: readonly CutResult[]): BenchRow[] {
  const pick = pickOf(results);
  if (pick === null) return [];
  const { low, high } = pick.best.latency;
  return [
    ...errorRows(condition, results),
    {
      case: `${condition}: predicted best ${pick.picked.cut.tensor}, measured best ${pick.best.cut.tensor}${pick.holds ? '' : ' — MISSED'}`,
      value: 1000 * pick.picked.latency.median,
      unit: 'ms',
      ratioTo: `measured best, ${ms(pick.best.latency.median)} (${ms(low)} to ${ms(high)})`,
      ratio: pick.ratio,
    },
  ];
}

const linkRows = (condition: string, megabits: number, goodput: number, probed: number): BenchRow[] => [
  { case: `${condition}: goodput of a stream`, value: goodput, unit: 'Mbit/s', ...share(goodput, megabits) },
  { case: `${condition}: rate planned with`, value: probed, unit: 'Mbit/s', ...share(probed, megabits) },
];

const share = (value: number, nominal: number): Pick<BenchRow, 'ratio' | 'ratioTo'> => ({
  ratioTo: 'nominal',
  ratio: value / nominal,
});

function cutRows(condition: string, result: CutResult): BenchRow[] {
  const { cut, headSeconds, transferSeconds, tailSeconds, latency, restSeconds } = result;
  const name = `${condition}: cut ${cut.cut}, ${cut.tensor} (${(cut.bytes / 1000).toFixed(0)} kB)`;
  const row = (part: string, measured: number, predicted: number): BenchRow => ({
    case: `${name}, ${part}`,
    value: 1000 * measured,
    unit: 'ms',
    ratioTo: `predicted, ${ms(predicted)}`,
    ratio: measured / predicted,
  });
  return [
    row('head', headSeconds, cut.headSeconds),
    row('transfer', transferSeconds, cut.transferSeconds),
    row('tail', tailSeconds, cut.tailSeconds),
    row(
      `request (${ms(latency.low)} to ${ms(latency.high)}; ${ms(restSeconds)} not predicted)`,
      latency.median,
      cut.latencySeconds,
    ),
  ];
}

const ms = (value: number): string => `${(1000 * value).toPrecision(3)} ms`;
