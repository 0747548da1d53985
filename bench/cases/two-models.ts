import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ModelMetrics } from '../../packages/cli/src/simulate/beside-models.ts';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { withScratch } from '../models/scratch.ts';
import { tandemProgram } from '../tandem-program.ts';

const requests = 250;
const perSecond = 5;
/** About three quarters of what the boards can do for it. */
const otherPerSecond = 3;
const turnMilliseconds = 5;

const board = { kind: 'cpu', gigaflopsPerSecond: 8, memoryGigabytesPerSecond: 8, emulated: true };
const cluster = {
  name: 'two imitated boards',
  hosts: ['pi', 'desk'].map((id) => ({ id, memoryGigabytes: 1 })),
  devices: ['pi', 'desk'].map((id) => ({ ...board, id, host: id })),
  links: [{ from: 'pi', to: 'desk', megabitsPerSecond: 1000, roundTripMilliseconds: 1, bothWays: true }],
  source: 'pi',
  sink: 'desk',
};
const important = {
  model: 'zoo:mobilenet-v2',
  cluster: 'cluster.json',
  objective: 'period',
  planner: 'throughput-optimal',
  arrivals: { kind: 'poisson', perSecond, requests },
};
const other = {
  model: 'zoo:resnet-18',
  planner: 'throughput-optimal',
  arrivals: { kind: 'poisson', perSecond: otherPerSecond, requests: (requests * otherPerSecond) / perSecond },
};

/** What the others are compared with. */
const reference = 'alone';
const cases: Readonly<Record<string, object>> = {
  [reference]: { beside: [] },
  'beside, of the same priority': { beside: [other] },
  'beside, of higher priority': { priority: 1, beside: [other] },
  [`beside, of higher priority, turns of ${turnMilliseconds} ms`]: {
    priority: 1,
    beside: [{ ...other, turnSeconds: turnMilliseconds / 1000 }],
  },
};

/** What a model beside it costs the one that matters more, and what priority at the boundaries of stages or layers saves of it. */
export const twoModels: Bench = {
  title:
    'Two models on the same two agent processes: the 99th percentile of the more important one beside the other, with and without priority, over that alone; beside it the simulator.',
  run: async (context: BenchContext): Promise<BenchResult> => {
    const found = new Map<string, Ran>();
    for (const [name, scenario] of Object.entries(cases)) {
      if (!name.includes(context.only)) continue;
      context.progress(name);
      found.set(name, await ran(scenario, context.signal));
    }
    const alone = found.get(reference);
    return { rows: [...found].flatMap(([name, one]) => rowsOf(name, one, alone)), remarks };
  },
};

const remarks = [
  `${important.model} (${requests} requests, Poisson, ${perSecond} a second) and ${other.model} (${otherPerSecond} a second), each cut in two by ${important.planner} over two boards of 8 GFLOP/s, which are imitated: each agent process really executes its stages and holds the answers until the predicted time. Tandem's simulator has the same arrivals.`,
  `A stage that runs is not interrupted, so the more important model may wait for the rest of one on each board: of the plan's stages, or of pieces cut at layers that take ${turnMilliseconds} ms or are a single layer. Transfers on one link take turns as they come, whatever their priority.`,
  'Of the same priority, models take turns request by request, because of each only a few inputs are at a device: whose requests are short and many waits longest.',
  'Every answer is compared bit for bit with the first one of its model.',
];

interface Ran {
  readonly measured: readonly ModelMetrics[];
  readonly simulated: readonly ModelMetrics[];
}

async function ran(scenario: object, signal: AbortSignal): Promise<Ran> {
  return await withScratch(async (folder) => {
    const path = join(folder, 'scenario.json');
    await writeFile(join(folder, 'cluster.json'), JSON.stringify(cluster));
    await writeFile(path, JSON.stringify({ ...important, ...scenario }));
    const command = [tandemProgram, 'simulate', path, '--both', '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, command, { signal, maxBuffer: 2 ** 26 });
    const { models, metrics, run } = JSON.parse(stdout) as Answer;
    if (run.differing > 0) throw new Error(`${run.differing} answers differ`);
    const own = (one: Pick<ModelMetrics, 'requests' | 'latencySeconds'>): ModelMetrics[] => {
      return [{ ...one, model: important.model }];
    };
    return { measured: run.models ?? own(run.metrics), simulated: models ?? own(metrics) };
  });
}

type Spread = Pick<ModelMetrics, 'requests' | 'latencySeconds'>;

/** Of `tandem simulate --both --json`. */
interface Answer {
  readonly metrics: Spread;
  readonly models?: readonly ModelMetrics[];
  readonly run: {
    readonly differing: number;
    readonly metrics: Spread;
    readonly models?: readonly ModelMetrics[];
  };
}

function rowsOf(name: string, { measured, simulated }: Ran, alone: Ran | undefined): BenchRow[] {
  const p99 = (models: readonly ModelMetrics[] | undefined, place = 0): number =>
    models?.[place]?.latencySeconds?.p99 ?? Number.NaN;
  const row = (
    what: string,
    own: readonly ModelMetrics[],
    of: readonly ModelMetrics[] | undefined,
  ): BenchRow => {
    const measure = { case: `${name}: p99, ${what}`, value: p99(own), unit: 's' };
    const beside = { ratioTo: `${reference}, ${what}`, ratio: p99(own) / p99(of) };
    return of === undefined ? measure : { ...measure, ...beside };
  };
  const rows: BenchRow[] = [
    row('measured', measured, alone?.measured),
    row('simulated', simulated, alone?.simulated),
  ];
  if (measured.length < 2) return rows;
  const others = { measured: p99(measured, 1), simulated: p99(simulated, 1) };
  return [
    ...rows,
    ...Object.entries(others).map(([what, value]) => {
      return { case: `${name}: p99 of the other, ${what}`, value, unit: 's' };
    }),
  ];
}
