import { dirname, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import {
  type AdaptationEvent,
  clusterBeside,
  evaluate,
  InvalidInputError,
  type Metrics,
  type Plan,
  pacedScenario,
  partInTurns,
  powerFigures,
  type Scenario,
  type ScenarioDocument,
  scenarioOf,
  type TraceEvent,
  TraceMeter,
  traceHeader,
  traceOf,
} from '@tandem/core';
import { readScenarioFile } from '@tandem/node';
import type { SimulateFlags } from '../flags.ts';
import { metricsText } from '../metrics/metrics-text.ts';
import { checkTraceFiles, saveTrace } from '../metrics/save-trace.ts';
import type { Output } from '../output.ts';
import { savedOrChosen } from '../plan/choose-plan.ts';
import { type Prepared, prepare } from '../plan/prepare.ts';
import { streamText } from '../run/stream-text.ts';
import { slowLines } from '../slow-lines.ts';
import { stopSignal } from '../stop-signal.ts';
import { type Adapted, adaptedScenario, adaptedText } from './adapted-scenario.ts';
import {
  ModelMeters,
  modelsText,
  type PlannedBeside,
  pipelinesBeside,
  withPlannedBeside,
} from './beside-models.ts';
import { checkRunnable, runScenario, type ScenarioRun } from './run-scenario.ts';

/** `tandem simulate`: what the requests of a scenario come to under a plan, by the schedules that run it; with --both on agents, too. */
export async function simulateCommand(path: string, flags: SimulateFlags, output: Output): Promise<void> {
  const signal = stopSignal();
  await checkTraceFiles(flags);
  const document = beside(path, await readScenarioFile(path));
  if (flags.both) checkRunnable(document);
  const prepared = await prepare(document.model, wishesOf(document), output);
  try {
    const plan = await planOfDocument(prepared, document, signal);
    signal.throwIfAborted();
    const { cluster } = prepared.problem;
    // What was calibrated is one model's, and so are measured times of its layers.
    const wishes = wishesOf({ ...document, calibration: null, exits: null, profile: [] });
    const left = clusterBeside(cluster, evaluate(prepared.problem, plan).devices);
    await withPlannedBeside(document.beside, { wishes, cluster: left }, signal, output, async (others) =>
      simulatePlans({ prepared, plan, others, document, flags, signal }, output),
    );
  } finally {
    await prepared.loaded.close();
  }
}

interface Simulating {
  readonly prepared: Prepared;
  readonly plan: Plan;
  readonly others: readonly PlannedBeside[];
  readonly document: ScenarioDocument;
  readonly flags: SimulateFlags;
  readonly signal: AbortSignal;
}

async function simulatePlans(
  { prepared, plan, others, document, flags, signal }: Simulating,
  output: Output,
): Promise<void> {
  const own = scenario(prepared, plan, document);
  const pipelines = pipelinesBeside(others);
  const subject = { ...own, pipelines: [...own.pipelines, ...pipelines] };
  const power = powerFigures(prepared.problem, plan);
  const adapting = await adaptedScenario(prepared, plan, document, signal);
  const last =
    adapting === null
      ? subject
      : { ...subject, ...adapting, pipelines: [...adapting.pipelines, ...pipelines] };
  const kept: TraceEvent[] | null = (flags.trace ?? flags.perfetto) === undefined ? null : [];
  const meters = new ModelMeters(subject, modelsOf(document));
  const listeners = [...(adapting === null ? [kept] : []), ...(others.length === 0 ? [] : [meters])];
  const metrics = (await run(subject, document.seed, listeners, signal, output)).metrics({ power });
  const models = others.length === 0 ? {} : { models: meters.metrics() };
  const adapted = adapting === null ? null : await runAdapted(last, document.seed, kept, signal, output);
  if (kept !== null) await saveTrace(traceOf(traceHeader(last), kept), flags, output);
  const { token } = flags;
  const ran = flags.both
    ? await runScenario({ prepared, plan, others, document, simulated: metrics, token, signal }, output)
    : null;
  const { planner, version, stages, policies } = plan;
  const shown = { planner, version, stages, ...(policies === undefined ? {} : { policies }) };
  const more = { ...(adapted === null ? {} : { adapted }), ...(ran === null ? {} : { run: ran }) };
  output.answer({ plan: shown, metrics, ...models, ...more }, () => {
    const text = adapted === null ? textOf(metrics, ran) : adaptedText(metrics, adapted);
    if (others.length === 0) return text;
    const really = ran?.models === undefined ? '' : `\n\nEach model, run:\n${modelsText(ran.models)}`;
    return `${text}\n\nEach model, the plan kept:\n${modelsText(meters.metrics())}${really}`;
  });
  if (ran !== null && ran.failed + ran.differing > 0) process.exitCode = 1;
}

const modelsOf = ({ model, beside: others }: ScenarioDocument): readonly string[] => [
  model,
  ...others.map((other) => other.model),
];

function textOf(simulated: Metrics, ran: ScenarioRun | null): string {
  if (ran === null) return metricsText(simulated, []);
  const agents = ran.agents.map(({ device, pid, address }) => `${device} = process ${pid} at ${address}`);
  return [
    metricsText(simulated, []),
    '',
    streamText({ ...ran, simulated }),
    ...ran.notes,
    `Agents: ${agents.join(', ')}`,
  ].join('\n');
}

/** What the energy is of plans that take turns is not known. */
async function runAdapted(
  subject: Scenario,
  seed: number,
  kept: TraceEvent[] | null,
  signal: AbortSignal,
  output: Output,
): Promise<Adapted> {
  const decisions: AdaptationEvent[] = [];
  const note = { push: (event: TraceEvent) => (event.kind === 'adaptation' ? decisions.push(event) : 0) };
  const meter = await run(subject, seed, [kept, note], signal, output);
  return { metrics: meter.metrics({}), plans: subject.adaptation?.options.length ?? 0, decisions };
}

/** Of a trace that is saved, which is kept in memory until then. */
const mostKept = 5_000_000;

/** Takes the events' measure on the way, so that long runs need no more memory than short ones. */
async function run(
  subject: Scenario,
  seed: number,
  listeners: readonly (Listener | null)[],
  signal: AbortSignal,
  { progress }: Output,
): Promise<TraceMeter> {
  const meter = new TraceMeter(traceHeader(subject));
  const emit = (event: TraceEvent): void => {
    meter.add(event);
    for (const listener of listeners)
      if (listener !== null && listener.push(event) > mostKept) throw tooLong();
  };
  const running = pacedScenario(subject, emit, { seed });
  const slow = slowLines(progress);
  for (let turn = running.next(); turn.done !== true; turn = running.next()) {
    slow(`simulating: ${turn.value} events`);
    await setImmediate();
    signal.throwIfAborted();
  }
  return meter;
}

/** Returns how many events it has kept. */
interface Listener {
  push(event: TraceEvent): number;
}

function tooLong(): InvalidInputError {
  return new InvalidInputError(
    `the trace has more than ${mostKept} events, expected fewer where it is saved`,
    'Simulate fewer requests, or leave --trace and --perfetto out.',
  );
}

function wishesOf(document: ScenarioDocument): Parameters<typeof prepare>[1] {
  const { profile, objective, cluster, calibration, exits, accuracyLoss } = document;
  return {
    profile,
    objective,
    dimension: {},
    ...(cluster === null ? {} : { cluster }),
    ...(calibration === null ? {} : { calibration }),
    ...(exits === null ? {} : { exits }),
    ...(accuracyLoss === null ? {} : { accuracyLoss }),
  };
}

async function planOfDocument(
  prepared: Prepared,
  { plan: path, planner, turnSeconds }: ScenarioDocument,
  signal: AbortSignal,
): Promise<Plan> {
  const named = { path: path ?? undefined, planner: planner ?? undefined };
  const { plan } = await savedOrChosen(prepared, named, signal);
  return turnSeconds === null ? plan : partInTurns(prepared.problem, plan, turnSeconds);
}

function scenario({ problem }: Prepared, plan: Plan, document: ScenarioDocument): Scenario {
  const { acknowledgementSeconds, changes, bodies, sensors, pipeline } = document;
  return {
    ...scenarioOf(problem, plan, pipeline),
    model: problem.graph.name,
    changes,
    bodies,
    sensors,
    ...(acknowledgementSeconds === null ? {} : { acknowledgementSeconds }),
  };
}

/** Files that a scenario names lie beside it. */
function beside(path: string, document: ScenarioDocument): ScenarioDocument {
  const from = (name: string): string => resolve(dirname(path), name);
  const optional = (name: string | null): string | null => (name === null ? null : from(name));
  const measured = (text: string): string => {
    const equals = text.indexOf('=');
    return `${text.slice(0, equals + 1)}${from(text.slice(equals + 1))}`;
  };
  const { model, cluster, plan, profile, calibration, exits } = document;
  const modelFrom = (name: string): string => (name.startsWith('zoo:') ? name : from(name));
  return {
    ...document,
    model: modelFrom(model),
    beside: document.beside.map((other) => {
      return { ...other, model: modelFrom(other.model), plan: optional(other.plan) };
    }),
    cluster: optional(cluster),
    plan: optional(plan),
    profile: profile.map(measured),
    calibration: optional(calibration),
    exits: optional(exits),
  };
}
