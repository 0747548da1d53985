import {
  clusterBeside,
  type Device,
  evaluate,
  hasBatches,
  InvalidInputError,
  type Plan,
  type Problem,
  planWays,
  type Report,
  seconds,
  stageNumbers,
  type Trace,
} from '@tandem/core';
import { createSha256, type LoadedModel } from '@tandem/node';
import {
  type AdaptiveChoice,
  type Answer,
  compareOutputs,
  type Deployment,
  type DeploymentOptions,
  type DeployOptions,
  type DeviceClock,
  deploymentOf,
  type Gateway,
  type JoinedAgent,
  type PlannedDecisions,
  repairerOf,
  type SegmentSource,
  segmentSources,
  segmentsByDigest,
  type TensorValue,
} from '@tandem/runtime';
import { clocksTogether } from '../beside/clocks-together.ts';
import { tracesOfModels } from '../beside/model-versions.ts';
import type { TransportName } from '../flags.ts';
import { slowLines } from '../slow-lines.ts';
import { type AdaptedRow, adaptedRow, rehearse, whileAdapting } from './adapted-stream.ts';
import { requestsBefore } from './counted-way.ts';
import { judgeEquality, lossyWays } from './equality.ts';
import { openFleet } from './fleet.ts';
import { keepingLearned } from './keeping-learned.ts';
import type { DecisionRow, RunDecisions } from './run-decisions.ts';
import type { RunJournal } from './run-journal.ts';
import { sameOutputs } from './same-outputs.ts';
import {
  runStream,
  type StreamCounts,
  type StreamFigures,
  type StreamRun,
  type StreamWanted,
  sameTop,
  streamTrace,
} from './stream-run.ts';

/** One model of a run: its plan, and what is asked of it. */
export interface ModelRun {
  readonly loaded: LoadedModel;
  readonly problem: Problem;
  readonly plan: Plan;
  readonly report: Report;
  readonly inputs: readonly TensorValue[];
  /** What is decided request by request. */
  readonly planned: RunDecisions;
  /** Many requests after the one that counts; null = none. */
  readonly stream: StreamWanted | null;
  /** Deployment.queue. @default `queueFor` the plan's stages */
  readonly queue?: number;
  /** Deployment.priority. @default 0 */
  readonly priority?: number;
}

export interface SplitRun extends ModelRun {
  readonly token: string | undefined;
  readonly transport: TransportName;
  readonly pin: boolean;
  readonly optimisation: 'all' | 'basic';
  readonly timeoutSeconds: number;
  /** Keep what is sent until it is needed no more, and go on with the devices that remain when one is lost. */
  readonly repair: boolean;
  /** With `repair`: what crosses between stages is copied to the gateway, and stages stand by on a second device. @default false */
  readonly standby?: boolean;
  /** Plans that the stream may be switched to, each of a version of its own. @default none */
  readonly others?: readonly Plan[];
  /** FleetOptions.sensors */
  readonly sensors?: string | undefined;
  /** Path of what is wanted of a stream with `others`; may be written anew meanwhile. @default no commands */
  readonly mission?: string;
  /** Of the first model's stream. @default nothing is written down */
  readonly journal?: RunJournal;
  /** Other models on the same agents at the same time, their plans' versions those of `versionBeside`. @default none */
  readonly beside?: readonly ModelRun[];
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** What became of one model. */
export interface ModelAnswer {
  readonly answer: Answer;
  readonly stream: StreamFigures | null;
  readonly decisions: readonly DecisionRow[];
}

export interface SplitAnswer extends ModelAnswer {
  readonly agents: readonly JoinedAgent[];
  /** Null where no other plan could be switched to. */
  readonly adapted: AdaptedRow | null;
  /** What devices did about the plan's clocks. */
  readonly clocks: readonly DeviceClock[];
  /** In the order of `SplitRun.beside`. */
  readonly beside: readonly ModelAnswer[];
  /** Of all models' streams; null = there was none. */
  readonly trace: Trace | null;
}

/** Brings agents and segments together, answers one request to warm up and one that counts, and ends what it started. */
export async function runSplit(run: SplitRun): Promise<SplitAnswer> {
  const { repair: isRepaired, standby = false, ...rest } = run;
  const repair = isRepaired ? { repair: { retain: true }, copies: standby } : {};
  const before = { firstTicket: requestsBefore };
  const cargo = cargoOf({ ...rest, ...before, decisions: run.planned.decisions, ...repair });
  const others = (run.others ?? []).map((plan): AdaptiveChoice => {
    const own = { plan, report: evaluate(run.problem, plan) };
    const { decisions } = run.planned.under(own, plan.version);
    const decided = (version: number): PlannedDecisions => run.planned.under(own, version);
    return { plan, decided, ...cargoOf({ ...rest, ...own, decisions, firstTicket: 0, ...repair }) };
  });
  const besides = (run.beside ?? []).map((model) => {
    const own = besideRun(run, model);
    const { repair: _repair, ...of } = own;
    return { own, cargo: cargoOf({ ...of, ...before, decisions: own.planned.decisions, ...repair }) };
  });
  const fleet = await openFleet({
    devices: fleetDevices(run),
    token: run.token,
    transport: run.transport,
    pin: run.pin,
    sensors: run.sensors,
    signal: run.signal,
    log: run.progress,
  });
  const { gateway } = fleet;
  try {
    const able = await rehearse(gateway, others, run);
    for (const beside of besides) await deploy(gateway, beside.cargo, beside.own);
    // What was deployed last is what requests without a version are for, also after a switch.
    await deploy(gateway, cargo, run);
    const { agents } = gateway;
    run.progress('answering one request to warm up, then the one that counts');
    const models: readonly Asked[] = [
      { run },
      ...besides.map(({ own }) => ({ run: own, version: own.plan.version })),
    ];
    const answered: Answered[] = [];
    for (const model of models) answered.push({ ...model, answer: await answerTwice(gateway, model) });
    const streams = await whileAdapting(
      {
        gateway,
        problem: withRoomFor(run),
        first: {
          plan: run.plan,
          decided: (version) => run.planned.under({ plan: run.plan, report: run.report }, version),
          ...cargo,
        },
        others: able,
        isClosed: run.stream?.atSeconds === null,
        aside: besides.map(({ own }) => own.plan.version),
        deployOptions: (plan: Plan) => deployOptions(plan, run),
        keepLearned: () => run.planned.collect(gateway, run.signal),
        ...(run.mission === undefined ? {} : { mission: run.mission }),
        signal: run.signal,
        progress: run.progress,
      },
      () => Promise.all(answered.map((model) => streamed(gateway, model))),
    );
    return await gathered(gateway, run, { answered, streams, agents, plans: able.length + 1 });
  } finally {
    await fleet.close();
  }
}

/** What is loaded beside the plan in use, or instead of it, has the memory that the models beside it leave. */
function withRoomFor({ problem, beside = [] }: SplitRun): Problem {
  const cluster = beside.reduce((left, { report }) => clusterBeside(left, report.devices), problem.cluster);
  return { ...problem, cluster };
}

/** One of several models of a run; requests of the first name no version. */
interface Asked {
  readonly run: SplitRun;
  readonly version?: number;
}

interface Answered extends Asked {
  readonly answer: Answer;
}

/** A model beside the first is run as that is, which is beside it, but keeps its plan. */
function besideRun(first: SplitRun, model: ModelRun): SplitRun {
  const { others: _others, mission: _mission, journal: _journal, ...rest } = first;
  const { queue: _queue, priority: _priority, ...common } = rest;
  const others = (first.beside ?? []).filter((other) => other !== model);
  return { ...common, ...model, beside: [first, ...others] };
}

async function answerTwice(gateway: Gateway, { run, version }: Asked): Promise<Answer> {
  const { inputs, signal } = run;
  const of = version === undefined ? {} : { version };
  const options = { timeoutSeconds: seconds(run.timeoutSeconds), signal, ...of };
  await gateway.request(inputs, options);
  return await gateway.request(inputs, options);
}

async function streamed(gateway: Gateway, { run, version, answer }: Answered): Promise<StreamCounts | null> {
  const { stream: wanted, problem, plan, inputs, signal, progress } = run;
  if (wanted === null) return null;
  const whose = version === undefined ? '' : ` of ${problem.graph.name}`;
  progress(`answering ${wanted.requests} requests${whose}, up to ${wanted.window} at once`);
  const timeoutSeconds = seconds(run.timeoutSeconds);
  const { isKept, learned } = run.planned;
  const keeping = { isKept, save: () => learned(gateway, signal), signal, progress };
  const stream = {
    wanted,
    pattern: planWays(problem, plan).pattern,
    inputs,
    answer,
    isDecided: isDecided(run),
    isSame: sameAnswers(run),
    timeoutSeconds,
    ...(version === undefined ? {} : { version }),
    ...(run.journal === undefined ? {} : { journal: run.journal }),
    signal,
    progress,
  };
  return await keepingLearned(keeping, () => runStream(gateway, stream));
}

/** All that a run came to, once its streams have ended. */
async function gathered(
  gateway: Gateway,
  { others, signal }: SplitRun,
  run: {
    readonly answered: readonly Answered[];
    readonly streams: readonly (StreamCounts | null)[];
    readonly agents: readonly JoinedAgent[];
    readonly plans: number;
  },
): Promise<SplitAnswer> {
  const trace = await streamTrace(gateway, run.streams, signal);
  const traces = trace === null ? [] : tracesOfModels(trace, run.answered.length);
  const models: ModelAnswer[] = [];
  for (const [place, { run: own, answer }] of run.answered.entries()) {
    const [counts, events] = [run.streams[place] ?? null, traces[place]];
    const stream = counts === null || events === undefined ? null : { counts, trace: events };
    models.push({ answer, stream, decisions: await own.planned.learned(gateway, signal) });
  }
  const [first, ...beside] = models;
  if (first === undefined) throw new InvalidInputError('no model was run', 'Name one.');
  const adapted =
    others === undefined || first.stream === null ? null : adaptedRow(first.stream.trace, run.plans);
  return { ...first, agents: run.agents, adapted, clocks: gateway.clocks, beside, trace };
}

/** Source and sink take part even when they compute nothing. */
export function devicesOf({ problem, plan }: Pick<SplitRun, 'problem' | 'plan'>): Device[] {
  const { source, sink } = problem.workload;
  const stages = planWays(problem, plan).ways.flatMap((way) => way.stages);
  const taking = new Set([source, sink, ...stages.map(({ device }) => device)]);
  return problem.cluster.devices.filter(({ id }) => taking.has(id));
}

/** Those of the plans that may be switched to take part, too, and those of models beside it. */
export function fleetDevices({
  problem,
  plan,
  others = [],
  beside = [],
}: Pick<SplitRun, 'problem' | 'plan' | 'others' | 'beside'>): Device[] {
  const own = [plan, ...others].map((one) => ({ problem, plan: one }));
  const taking = new Set([...own, ...beside].flatMap((one) => devicesOf(one)).map(({ id }) => id));
  return problem.cluster.devices.filter(({ id }) => taking.has(id));
}

/** Whether requests may leave early, or cross with bits of their own, under any of the plans. */
const isDecided = ({ planned, others = [] }: SplitRun): boolean =>
  planned.decisions.length > 0 ||
  others.some(({ policies }) => policies?.exits !== undefined || policies?.precision !== undefined);

/** Requests that run together, or are cut elsewhere, may be rounded otherwise than alone. */
function sameAnswers(run: SplitRun): StreamRun['isSame'] {
  if (isDecided(run)) return sameTop;
  const { problem, plan, others = [] } = run;
  const isRounded = hasBatches(plan.stages) || others.length > 0;
  return (answer, first) => {
    if (!isRounded && !answer.recut) return sameOutputs(answer.outputs, first.outputs);
    const difference = compareOutputs(first.outputs, answer.outputs);
    return judgeEquality(difference, 'all', problem.graph, lossyWays(answer)).holds;
  };
}

export type CargoOptions = Pick<
  SplitRun,
  'loaded' | 'problem' | 'plan' | 'report' | 'optimisation' | 'timeoutSeconds' | 'queue' | 'priority'
> &
  Pick<DeploymentOptions, 'decisions' | 'firstTicket' | 'repair' | 'copies'>;

/** What the agents will need. */
export interface Cargo {
  readonly deployment: Deployment;
  readonly segments: ReadonlyMap<string, SegmentSource>;
}

/** Digests every segment, which takes this thread a while: done before there is a heartbeat that could miss its turn. */
export function cargoOf({
  loaded,
  problem,
  plan,
  report,
  optimisation,
  timeoutSeconds,
  decisions = [],
  firstTicket = 0,
  repair,
  copies = false,
  queue,
  priority,
}: CargoOptions): Cargo {
  const distinct = { stages: stageNumbers(planWays(problem, plan).ways).stages };
  const sources = segmentSources({ model: loaded.model, graph: problem.graph, plan: distinct, createSha256 });
  const times = (report.variants ?? [report]).flatMap(({ stages }) => stages);
  const deployment = deploymentOf({
    problem,
    plan,
    segments: sources.map(({ manifest }) => manifest),
    paceSeconds: times.map(({ computeSeconds, together }) => together?.aloneSeconds ?? computeSeconds),
    together: times.map(({ computeSeconds, together }) =>
      together === undefined ? null : { computeSeconds, restSeconds: together.restSeconds },
    ),
    firstTicket,
    optimisation,
    requestTimeoutSeconds: seconds(timeoutSeconds),
    decisions,
    copies,
    ...(repair === undefined ? {} : { repair }),
    ...(queue === undefined ? {} : { queue }),
    ...(priority === undefined ? {} : { priority }),
  });
  return { deployment, segments: segmentsByDigest(sources) };
}

async function deploy(gateway: Gateway, { deployment, segments }: Cargo, run: SplitRun): Promise<void> {
  const count = segments.size === 1 ? 'one segment' : `${segments.size} segments`;
  run.progress(`sending ${count} and loading`);
  const onProgress = slowProgress(run.progress);
  await gateway.deploy(deployment, segments, {
    ...deployOptions(run.plan, run),
    matrices: run.planned.matrices,
    signal: run.signal,
    onProgress,
  });
}

function deployOptions(plan: Plan, run: SplitRun): Omit<DeployOptions, 'signal' | 'matrices'> {
  const { stream, problem } = run;
  const trace = { model: problem.graph.name, planner: plan.planner };
  const admission =
    stream === null ? {} : { window: stream.window, waiting: stream.waiting, ordered: stream.ordered, trace };
  const cutting = { model: run.loaded.model, createSha256, optimisation: run.optimisation };
  const repair = run.repair
    ? { repairer: repairerOf(withRoomFor(run), plan, cutting), standBys: run.standby === true }
    : {};
  const clocks = clocksTogether([{ problem, plan }, ...(run.beside ?? [])]);
  return { clocks, ...admission, ...repair };
}

/** A line every two seconds while segments travel. */
export function slowProgress(
  progress: (line: string) => void,
): (sent: { device: string; sentBytes: number; totalBytes: number }) => void {
  const slow = slowLines(progress);
  return ({ device, sentBytes, totalBytes }) =>
    slow(`${device}: ${Math.round((100 * sentBytes) / totalBytes)} % of its segment`);
}
