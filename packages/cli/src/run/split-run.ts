import {
  type Device,
  evaluate,
  hasBatches,
  type Plan,
  type Problem,
  planWays,
  type Report,
  seconds,
  stageNumbers,
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
  plannedClocks,
  repairerOf,
  type SegmentSource,
  segmentSources,
  type TensorValue,
} from '@tandem/runtime';
import type { TransportName } from '../flags.ts';
import { type AdaptedRow, adaptedRow, rehearse, whileAdapting } from './adapted-stream.ts';
import { requestsBefore } from './counted-way.ts';
import { judgeEquality, lossyWays } from './equality.ts';
import { openFleet } from './fleet.ts';
import { keepingLearned } from './keeping-learned.ts';
import type { DecisionRow, RunDecisions } from './run-decisions.ts';
import {
  runStream,
  type StreamFigures,
  type StreamRun,
  type StreamWanted,
  sameOutputs,
  sameTop,
} from './stream-run.ts';

export interface SplitRun {
  readonly loaded: LoadedModel;
  readonly problem: Problem;
  readonly plan: Plan;
  readonly report: Report;
  readonly inputs: readonly TensorValue[];
  readonly token: string | undefined;
  readonly transport: TransportName;
  readonly pin: boolean;
  readonly optimisation: 'all' | 'basic';
  readonly timeoutSeconds: number;
  /** What is decided request by request. */
  readonly planned: RunDecisions;
  /** Many requests after the one that counts; null = none. */
  readonly stream: StreamWanted | null;
  /** Keep what is sent until it is needed no more, and go on with the devices that remain when one is lost. */
  readonly repair: boolean;
  /** Plans that the stream may be switched to, each of a version of its own. @default none */
  readonly others?: readonly Plan[];
  /** FleetOptions.sensors */
  readonly sensors?: string | undefined;
  /** Deployment.queue. @default `queueFor` the plan's stages */
  readonly queue?: number;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

export interface SplitAnswer {
  readonly answer: Answer;
  readonly agents: readonly JoinedAgent[];
  readonly stream: StreamFigures | null;
  /** Null where no other plan could be switched to. */
  readonly adapted: AdaptedRow | null;
  readonly decisions: readonly DecisionRow[];
  /** What devices did about the plan's clocks. */
  readonly clocks: readonly DeviceClock[];
}

/** Brings agents and segments together, answers one request to warm up and one that counts, and ends what it started. */
export async function runSplit(run: SplitRun): Promise<SplitAnswer> {
  const { decisions } = run.planned;
  const { repair: isRepaired, ...rest } = run;
  const repair = isRepaired ? { repair: { retain: true } } : {};
  const cargo = cargoOf({ ...rest, decisions, firstTicket: requestsBefore, ...repair });
  const others = (run.others ?? []).map((plan): AdaptiveChoice => {
    const report = evaluate(run.problem, plan);
    return { plan, ...cargoOf({ ...rest, plan, report, firstTicket: 0, ...repair }) };
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
  try {
    const able = await rehearse(fleet.gateway, others, run);
    await deploy(fleet.gateway, cargo, run);
    const { agents } = fleet.gateway;
    run.progress('answering one request to warm up, then the one that counts');
    const options = { timeoutSeconds: seconds(run.timeoutSeconds), signal: run.signal };
    await fleet.gateway.request(run.inputs, options);
    const answer = await fleet.gateway.request(run.inputs, options);
    const { gateway } = fleet;
    const adapting = {
      gateway,
      problem: run.problem,
      first: { plan: run.plan, ...cargo },
      others: able,
      isClosed: run.stream?.atSeconds === null,
      deployOptions: (plan: Plan) => deployOptions(plan, run),
      signal: run.signal,
      progress: run.progress,
    };
    const stream = await whileAdapting(adapting, () => streamed(gateway, run, answer));
    const { clocks } = fleet.gateway;
    return {
      answer,
      agents,
      stream,
      adapted: stream === null || run.others === undefined ? null : adaptedRow(stream.trace, able.length + 1),
      clocks,
      decisions: await run.planned.learned(fleet.gateway, run.signal),
    };
  } finally {
    await fleet.close();
  }
}

async function streamed(gateway: Gateway, run: SplitRun, answer: Answer): Promise<StreamFigures | null> {
  const { stream: wanted, problem, plan, inputs, signal, progress } = run;
  if (wanted === null) return null;
  progress(`answering ${wanted.requests} requests, up to ${wanted.window} at once`);
  const timeoutSeconds = seconds(run.timeoutSeconds);
  const { isKept, learned } = run.planned;
  const keeping = { isKept, save: () => learned(gateway, signal), signal, progress };
  const stream = {
    wanted,
    pattern: planWays(problem, plan).pattern,
    inputs,
    answer,
    isDecided: run.planned.decisions.length > 0,
    isSame: sameAnswers(run),
    timeoutSeconds,
    signal,
    progress,
  };
  return await keepingLearned(keeping, () => runStream(gateway, stream));
}

/** Source and sink take part even when they compute nothing. */
export function devicesOf({ problem, plan }: Pick<SplitRun, 'problem' | 'plan'>): Device[] {
  const { source, sink } = problem.workload;
  const stages = planWays(problem, plan).ways.flatMap((way) => way.stages);
  const taking = new Set([source, sink, ...stages.map(({ device }) => device)]);
  return problem.cluster.devices.filter(({ id }) => taking.has(id));
}

/** Those of the plans that may be switched to take part, too. */
function fleetDevices({ problem, plan, others = [] }: SplitRun): Device[] {
  const taking = new Set([plan, ...others].flatMap((one) => devicesOf({ problem, plan: one })));
  return problem.cluster.devices.filter((device) => taking.has(device));
}

/** Requests that run together, or are cut elsewhere, may be rounded otherwise than alone. */
function sameAnswers({ problem, plan, planned, others = [] }: SplitRun): StreamRun['isSame'] {
  if (planned.decisions.length > 0) return sameTop;
  if (!hasBatches(plan.stages) && others.length === 0) return sameOutputs;
  return (answer, first) =>
    judgeEquality(compareOutputs(first.outputs, answer.outputs), 'all', problem.graph, lossyWays(answer))
      .holds;
}

export type CargoOptions = Pick<
  SplitRun,
  'loaded' | 'problem' | 'plan' | 'report' | 'optimisation' | 'timeoutSeconds' | 'queue'
> &
  Pick<DeploymentOptions, 'decisions' | 'firstTicket' | 'repair'>;

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
  queue,
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
    ...(repair === undefined ? {} : { repair }),
    ...(queue === undefined ? {} : { queue }),
  });
  return { deployment, segments: new Map(sources.map((source) => [source.manifest.digest, source])) };
}

async function deploy(gateway: Gateway, { deployment, segments }: Cargo, run: SplitRun): Promise<void> {
  const count = segments.size === 1 ? 'one segment' : `${segments.size} segments`;
  run.progress(`sending ${count} and loading`);
  const onProgress = slowProgress(run.progress);
  await gateway.deploy(deployment, segments, {
    ...deployOptions(run.plan, run),
    signal: run.signal,
    onProgress,
  });
}

function deployOptions(plan: Plan, run: SplitRun): Omit<DeployOptions, 'signal'> {
  const { stream, problem } = run;
  const trace = { model: problem.graph.name, planner: plan.planner };
  const admission =
    stream === null ? {} : { window: stream.window, waiting: stream.waiting, ordered: stream.ordered, trace };
  const { matrices } = run.planned;
  const repair = run.repair ? { repairer: repairerOf(problem, plan) } : {};
  return { matrices, clocks: plannedClocks(problem, plan), ...admission, ...repair };
}

/** A line every two seconds while segments travel. */
export function slowProgress(
  progress: (line: string) => void,
): (sent: { device: string; sentBytes: number; totalBytes: number }) => void {
  let last = performance.now();
  return ({ device, sentBytes, totalBytes }) => {
    if (performance.now() - last < 2000) return;
    last = performance.now();
    progress(`${device}: ${Math.round((100 * sentBytes) / totalBytes)} % of its segment`);
  };
}
