import {
  type Device,
  evaluate,
  InvalidInputError,
  type Metrics,
  metricsOf,
  type Plan,
  pipelineArrivals,
  type ScenarioDocument,
  scheduleDefaults,
} from '@tandem/core';
import { readToken } from '../agent/read-token.ts';
import type { Output } from '../output.ts';
import { clocksNotSet, notExecuted } from '../plan/not-executed.ts';
import type { Prepared } from '../plan/prepare.ts';
import { cardOf, inputValues } from '../run/picture-inputs.ts';
import { requireToken } from '../run/plan-for.ts';
import { runDecisions } from '../run/run-decisions.ts';
import { type AgentRow, type StreamRow, streamRow } from '../run/run-result.ts';
import { devicesOf, type ModelRun, runSplit } from '../run/split-run.ts';
import type { StreamCounts, StreamFigures } from '../run/stream-run.ts';
import { type ModelMetrics, modelMetrics, type PlannedBeside } from './beside-models.ts';

/** A scenario's requests on real agents. */
export interface ScenarioRun extends StreamRow {
  readonly agents: readonly AgentRow[];
  /** Each one's requests alone; the rest counts those of all. @default there is one */
  readonly models?: readonly ModelMetrics[];
  /** What a person should know who compares this with the simulation, one sentence each. */
  readonly notes: readonly string[];
}

export interface ScenarioRunOptions {
  readonly prepared: Prepared;
  readonly plan: Plan;
  readonly others: readonly PlannedBeside[];
  readonly document: ScenarioDocument;
  /** What the simulator says of it. */
  readonly simulated: Metrics;
  /** Path. */
  readonly token: string | undefined;
  readonly signal: AbortSignal;
}

/** Throws InvalidInputError for what a scenario may say and nobody can bring about. */
export function checkRunnable({
  changes,
  pipeline,
  bodies,
  sensors,
  adaptation,
  beside,
}: ScenarioDocument): void {
  const [change] = changes;
  const all = [pipeline, ...beside.map((other) => other.pipeline)];
  const fault =
    change !== undefined
      ? `a change of kind '${change.kind}'`
      : all.some(({ clientStopsAtSeconds }) => clientStopsAtSeconds !== undefined)
        ? 'clientStopsAtSeconds'
        : bodies.length + sensors.length > 0 || adaptation !== null
          ? 'bodies, sensors or an adaptation'
          : all.every(({ priorities }) => priorities === undefined)
            ? null
            : 'priorities of its requests';
  if (fault === null) return;
  throw new InvalidInputError(
    `the scenario has ${fault}, which can only be simulated`,
    'Leave it out of the scenario, or --both out.',
  );
}

/** Brings the plans to agents, those started here and those that the cluster gives an address, and sends what the scenario has arrive. */
export async function runScenario(options: ScenarioRunOptions, { progress }: Output): Promise<ScenarioRun> {
  const { prepared, plan, others, document, simulated, signal } = options;
  const { problem } = prepared;
  const token = options.token === undefined ? undefined : await readToken(options.token);
  const report = evaluate(problem, plan);
  const calibration = document.calibration ?? undefined;
  const own = { prepared, plan, report, pipeline: document.pipeline };
  const first = await modelRun(own, document.seed, calibration);
  const beside: ModelRun[] = [];
  for (const other of others) beside.push(await modelRun(other, document.seed, undefined));
  const devices = [first, ...beside].flatMap((model) => devicesOf(model));
  requireToken(devices, token);
  const {
    stream,
    beside: rest,
    trace,
    agents,
    clocks,
  } = await runSplit({
    ...first,
    beside,
    token,
    transport: 'tcp',
    pin: false,
    optimisation: 'all',
    timeoutSeconds: timeoutOf(document, simulated),
    repair: false,
    signal,
    progress,
  });
  if (stream === null || trace === null)
    throw new InvalidInputError('no request arrives', 'Give the scenario arrivals.');
  const streams = [stream, ...rest.flatMap((other) => other.stream ?? [])];
  const names = [document.model, ...document.beside.map(({ model }) => model)];
  const models = streams.map((own, place) => modelMetrics(names[place] ?? '', metricsOf(own.trace)));
  const together = { counts: countsOf(streams, stream), trace };
  return {
    ...streamRow(together, { problem, plan, simulated: null }),
    ...(others.length === 0 ? {} : { models }),
    agents: agents.map(({ device, pid, address }) => ({ device, pid, address })),
    notes: [
      ...asFastAsTheyAre(devices),
      ...first.planned.notes,
      ...notExecuted(problem, plan),
      ...clocksNotSet(clocks),
    ],
  };
}

/** Of all models, as the simulation counts. */
function countsOf(streams: readonly StreamFigures[], { counts }: StreamFigures): StreamCounts {
  const sum = (name: 'answered' | 'failed' | 'differing'): number =>
    streams.reduce((all, own) => all + own.counts[name], 0);
  const firstError = streams.flatMap((own) => own.counts.firstError ?? [])[0] ?? null;
  const sums = { answered: sum('answered'), failed: sum('failed'), differing: sum('differing') };
  return { ...counts, ...sums, firstError };
}

function asFastAsTheyAre(devices: readonly Device[]): readonly string[] {
  const real = new Set(devices.filter(({ emulated }) => !emulated).map(({ id }) => `'${id}'`));
  if (real.size === 0) return [];
  return [
    `Not emulated, so as fast as its machine happens to be, not as the cluster says: ${[...real].join(', ')}.`,
  ];
}

/** What of a scenario's model arrives, and how it is run. */
async function modelRun(
  { prepared, plan, report, pipeline }: PlannedBeside,
  seed: number,
  calibration: string | undefined,
): Promise<ModelRun> {
  const { loaded, problem } = prepared;
  const { arrivals = problem.workload.arrivals, queue, priority, window, waiting, ordered } = pipeline;
  const atSeconds = [...pipelineArrivals({ version: plan.version, arrivals }, seed)];
  return {
    loaded,
    problem,
    plan,
    report,
    planned: await runDecisions({ problem, plan, report, calibration, centres: undefined }),
    inputs: await inputValues(problem.graph, cardOf({ card: 'imagenet-torchvision' }), []),
    stream: {
      requests: atSeconds.length,
      atSeconds,
      window: window ?? scheduleDefaults.window,
      waiting: waiting ?? scheduleDefaults.waiting,
      ordered: ordered ?? false,
    },
    ...(queue === undefined ? {} : { queue }),
    ...(priority === undefined ? {} : { priority }),
  };
}

/** Where the scenario states no deadline there is none when it is simulated; agents need one. */
function timeoutOf({ pipeline }: ScenarioDocument, { latencySeconds }: Metrics): number {
  return pipeline.requestTimeoutSeconds ?? Math.max(60, 10 * (latencySeconds?.most ?? 0));
}
