import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { CancelledError, errorRecord, InvalidInputError } from '@tandem/core';
import type { Bench, BenchContext } from './bench.ts';
import { adaptive } from './cases/adaptive.ts';
import { calibrate } from './cases/calibrate.ts';
import { chaos } from './cases/chaos.ts';
import { codec } from './cases/codec.ts';
import { coinfer } from './cases/coinfer.ts';
import { cutsInProcess } from './cases/cuts-in-process.ts';
import { dataPlane } from './cases/data-plane.ts';
import { detection } from './cases/detection.ts';
import { equality } from './cases/equality.ts';
import { evaluate } from './cases/evaluate.ts';
import { exact } from './cases/exact.ts';
import { goodput } from './cases/goodput.ts';
import { inspectVgg16 } from './cases/inspect-vgg16.ts';
import { memory } from './cases/memory.ts';
import { onlineDecision } from './cases/online-decision.ts';
import { oracles } from './cases/oracles.ts';
import { papersPipelines } from './cases/papers-pipelines.ts';
import { photos } from './cases/photos.ts';
import { pipelines } from './cases/pipelines.ts';
import { planners } from './cases/planners.ts';
import { predictKernels } from './cases/predict-kernels.ts';
import { predictNcnn } from './cases/predict-ncnn.ts';
import { predictedMeasured } from './cases/predicted-measured.ts';
import { priority } from './cases/priority.ts';
import { recordedLink } from './cases/recorded-link.ts';
import { repair } from './cases/repair.ts';
import { replan } from './cases/replan.ts';
import { searches } from './cases/searches.ts';
import { simulate } from './cases/simulate.ts';
import { simulatedMeasured } from './cases/simulated-measured.ts';
import { soak } from './cases/soak.ts';
import { split } from './cases/split.ts';
import { steadyCost } from './cases/steady-cost.ts';
import { steppedLink } from './cases/stepped-link.ts';
import { tcpHop } from './cases/tcp-hop.ts';
import { twoModels } from './cases/two-models.ts';
import { describeMachine } from './machine.ts';
import { type BenchReport, markdownReport, terminalReport } from './report.ts';

/** Every bench, by the name that the command line takes. */
const benches: Readonly<Record<string, Bench>> = {
  adaptive,
  calibrate,
  chaos,
  codec,
  'cuts-in-process': cutsInProcess,
  'data-plane': dataPlane,
  detection,
  equality,
  evaluate,
  exact,
  goodput,
  'inspect-vgg16': inspectVgg16,
  memory,
  'online-decision': onlineDecision,
  oracles,
  'papers-pipelines': papersPipelines,
  photos,
  pipelines,
  planners,
  'predict-kernels': predictKernels,
  'predict-ncnn': predictNcnn,
  'predicted-measured': predictedMeasured,
  priority,
  'recorded-link': recordedLink,
  searches,
  simulate,
  'simulated-measured': simulatedMeasured,
  coinfer,
  repair,
  replan,
  soak,
  split,
  'steady-cost': steadyCost,
  'stepped-link': steppedLink,
  'tcp-hop': tcpHop,
  'two-models': twoModels,
};

const usage = `usage: npm run -s bench -- NAME [--json] [--page] [--only TEXT] [--fresh] [--minutes N]

${Object.entries(benches)
  .map(([name, bench]) => `  ${name.padEnd(19)} ${bench.title}`)
  .join('\n')}

  --json   print one JSON object { name, machine, rows, remarks }
  --page   write bench/results/NAME.md
  --only   only cases whose name contains TEXT
  --fresh  do not resume an interrupted run
  --minutes  how long soak goes on, and how long detection looks for false suspicions
`;

interface Options {
  readonly name: string;
  readonly bench: Bench;
  readonly json: boolean;
  readonly page: boolean;
  readonly only: string;
  readonly fresh: boolean;
  readonly minutes: number | null;
}

function readOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      page: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      fresh: { type: 'boolean', default: false },
      minutes: { type: 'string' },
    },
  });
  const [name = ''] = positionals;
  const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (bench === undefined || positionals.length > 1)
    throw new InvalidInputError(
      `'${positionals.join(' ')}' is no bench`,
      `Give one of: ${Object.keys(benches).join(', ')}.`,
    );
  const minutes = values.minutes === undefined ? null : Number(values.minutes);
  return { name, bench, ...values, minutes };
}

/** Exit status as everywhere in Tandem: 0 done, 1 failed, 2 wrong usage. */
async function main(): Promise<number> {
  if (process.argv.includes('--help')) {
    console.log(usage);
    return 0;
  }
  try {
    return await measure(readOptions());
  } catch (error) {
    if (process.argv.includes('--json')) console.log(JSON.stringify({ error: errorRecord(error) }));
    console.error(`${errorRecord(error).message}\n\n${usage}`);
    return 2;
  }
}

async function measure(options: Options): Promise<number> {
  const machine = describeMachine();
  try {
    const result = await options.bench.run(contextOf(options));
    const { rows, remarks, tables } = result;
    const shown = tables === undefined || options.json ? {} : { tables };
    await show({ name: options.name, machine, rows, remarks, ...shown }, options);
    return 0;
  } catch (error) {
    const record = errorRecord(error);
    if (options.json) console.log(JSON.stringify({ error: record }));
    console.error(
      error instanceof Error && record.name === 'TandemError' ? error : `${record.message}\n${record.remedy}`,
    );
    return 1;
  }
}

/** A first signal lets the bench clean up; a second one ends the process, since listening is over by then. */
function contextOf(options: Options): BenchContext {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => stop.abort(new CancelledError('interrupted', 'Run it again to resume.')));
  return {
    progress: (line) => console.error(line),
    only: options.only,
    fresh: options.fresh,
    minutes: options.minutes,
    signal: stop.signal,
  };
}

async function show(report: BenchReport, options: Options): Promise<void> {
  if (options.page) {
    const page = new URL(`./results/${options.name}.md`, import.meta.url);
    const date = new Date().toISOString().slice(0, 10);
    await mkdir(new URL('.', page), { recursive: true });
    await writeFile(page, markdownReport(report, options.bench.title, date));
  }
  console.log(options.json ? JSON.stringify(report) : terminalReport(report));
}

process.exitCode = await main();
