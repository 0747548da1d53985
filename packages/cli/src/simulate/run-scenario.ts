import {
  evaluate,
  InvalidInputError,
  type Metrics,
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
import { devicesOf, runSplit } from '../run/split-run.ts';

/** A scenario's requests on real agents. */
export interface ScenarioRun extends StreamRow {
  readonly agents: readonly AgentRow[];
  /** What a person should know who compares this with the simulation, one sentence each. */
  readonly notes: readonly string[];
}

export interface ScenarioRunOptions {
  readonly prepared: Prepared;
  readonly plan: Plan;
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
  const fault =
    change !== undefined
      ? `a change of kind '${change.kind}'`
      : pipeline.clientStopsAtSeconds !== undefined
        ? 'clientStopsAtSeconds'
        : bodies.length + sensors.length + beside.length > 0 || adaptation !== null
          ? 'bodies, sensors, models beside it or an adaptation'
          : pipeline.priorities === undefined
            ? null
            : 'priorities of its requests';
  if (fault === null) return;
  throw new InvalidInputError(
    `the scenario has ${fault}, which can only be simulated`,
    'Leave it out of the scenario, or --both out.',
  );
}

/** Brings the plan to agents, those started here and those that the cluster gives an address, and sends what the scenario has arrive. */
export async function runScenario(options: ScenarioRunOptions, { progress }: Output): Promise<ScenarioRun> {
  const { prepared, plan, document, simulated, signal } = options;
  const { loaded, problem } = prepared;
  const token = options.token === undefined ? undefined : await readToken(options.token);
  const devices = devicesOf({ problem, plan });
  requireToken(devices, token);
  const report = evaluate(problem, plan);
  const { arrivals = problem.workload.arrivals, queue, window, waiting, ordered } = document.pipeline;
  const atSeconds = [...pipelineArrivals({ version: plan.version, arrivals }, document.seed)];
  const calibration = document.calibration ?? undefined;
  const planned = await runDecisions({ problem, plan, report, calibration, centres: undefined });
  const { stream, agents, clocks } = await runSplit({
    loaded,
    problem,
    plan,
    report,
    planned,
    inputs: await inputValues(problem.graph, cardOf({ card: 'imagenet-torchvision' }), []),
    token,
    transport: 'tcp',
    pin: false,
    optimisation: 'all',
    timeoutSeconds: timeoutOf(document, simulated),
    stream: {
      requests: atSeconds.length,
      atSeconds,
      window: window ?? scheduleDefaults.window,
      waiting: waiting ?? scheduleDefaults.waiting,
      ordered: ordered ?? false,
    },
    repair: false,
    ...(queue === undefined ? {} : { queue }),
    signal,
    progress,
  });
  if (stream === null) throw new InvalidInputError('no request arrives', 'Give the scenario arrivals.');
  const real = devices.filter(({ emulated }) => !emulated).map(({ id }) => `'${id}'`);
  return {
    ...streamRow(stream, { problem, plan, simulated: null }),
    agents: agents.map(({ device, pid, address }) => ({ device, pid, address })),
    notes: [
      ...(real.length === 0
        ? []
        : [
            `Not emulated, so as fast as its machine happens to be, not as the cluster says: ${real.join(', ')}.`,
          ]),
      ...planned.notes,
      ...notExecuted(problem, plan),
      ...clocksNotSet(clocks),
    ],
  };
}

/** Where the scenario states no deadline there is none when it is simulated; agents need one. */
function timeoutOf({ pipeline }: ScenarioDocument, { latencySeconds }: Metrics): number {
  return pipeline.requestTimeoutSeconds ?? Math.max(60, 10 * (latencySeconds?.most ?? 0));
}
