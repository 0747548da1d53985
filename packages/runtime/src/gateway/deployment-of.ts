import {
  type BitsPerSecond,
  bitsPerSecond,
  type DeviceId,
  type Graph,
  InvalidInputError,
  type Link,
  type Plan,
  type Problem,
  planWays,
  queueFor,
  rateAt,
  type Seconds,
  type Stage,
  seconds,
  stageBoundary,
  stageNumbers,
  stageP99,
  type TensorId,
  type Transfer,
  UnsupportedError,
} from '@tandem/core';
import type { SegmentManifest } from '../segment/segment.ts';
import { tensorBodyBytes } from '../wire/tensor-body.ts';
import { copyRoutes } from './copy-routes.ts';
import type { DeployedDecision } from './deployed-decision.ts';
import type { DeployedStage, Deployment, PacedLink, Route } from './deployment.ts';
import { checkDeployment } from './deployment-check.ts';
import { mergedDeployment } from './merged-deployment.ts';

export interface DeploymentOptions {
  readonly problem: Problem;
  readonly plan: Plan;
  /** One for each of the plan's distinct stages, in the order of `stageNumbers`: without a mix, for each stage. */
  readonly segments: readonly SegmentManifest[];
  /**
   * Predicted time of each stage for one request alone, way by way (`planWays`): stages on emulated devices hold their answers until
   * then. @default no pacing
   */
  readonly paceSeconds?: readonly Seconds[];
  /** Of each stage whose requests run together, in the same order: StageReport. @default no pacing, and no care for deadlines */
  readonly together?: readonly (TogetherTimes | null)[];
  /** Slow the links of emulated devices down to their rate. @default true */
  readonly paceLinks?: boolean;
  /** @default 'all' */
  readonly optimisation?: 'all' | 'basic';
  /** @default 60 */
  readonly requestTimeoutSeconds?: Seconds;
  /** @default `queueFor` the plan's stages */
  readonly queue?: number;
  /** Deployment.priority. @default 0 */
  readonly priority?: number;
  /** The ticket with which the pattern of the plan's ways begins. @default 0 */
  readonly firstTicket?: number;
  /** `decisionsOf` the plan. @default nothing is decided request by request */
  readonly decisions?: readonly DeployedDecision[];
  /** Deployment.repair. @default none */
  readonly repair?: Deployment['repair'];
  /** With `repair`: what crosses between stages is copied to the gateway. @default false */
  readonly copies?: boolean;
}

/** What a full batch takes, and `ReportedBatch.restSeconds`. */
export interface TogetherTimes {
  readonly computeSeconds: Seconds;
  readonly restSeconds: Seconds;
}

/** What the agents need to run the plan. Throws InvalidInputError when plan, segments and times do not belong together. */
export function deploymentOf(options: DeploymentOptions): Deployment {
  const { problem, plan, decisions = [], firstTicket = 0 } = options;
  const { ways, pattern } = planWays(problem, plan);
  const { numbers, stages: distinct } = stageNumbers(ways);
  checkLengths(options, distinct.length, numbers.flat().length);
  const boundaries = distinct.map(({ nodes }) => stageBoundary(problem.graph, nodes));
  const crossing = [
    ...problem.graph.inputs,
    ...problem.graph.outputs,
    ...boundaries.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]),
  ];
  const common: Omit<Deployment, 'stages' | 'routes'> = {
    version: plan.version,
    requestTimeoutSeconds: options.requestTimeoutSeconds ?? seconds(60),
    queue: options.queue ?? queueFor(plan.stages),
    ...(options.priority === undefined ? {} : { priority: options.priority }),
    tensors: [...new Set(crossing)]
      .sort((left, right) => left - right)
      .map((id) => deployedTensor(problem.graph, id)),
    pacedLinks: options.paceLinks === false ? [] : pacedLinks(problem, ways),
    ...(decisions.length === 0 ? {} : { decisions }),
    ...(options.repair === undefined ? {} : { repair: options.repair }),
  };
  let first = 0;
  const turns = ways.map((way, at): Deployment => {
    const stages = (numbers[at] ?? []).map((number, position) =>
      deployedStage(options, way.stages[position], number, first + position),
    );
    first += stages.length;
    const routes = routesOf(problem, way).map((route) => withRange(route, decisions));
    const copies = options.copies === true ? copyRoutes(stages, routes) : [];
    return { ...common, stages, routes: [...routes, ...copies] };
  });
  const deployment = mergedDeployment(
    pattern.flatMap((_, ticket) => turns[pattern[modulo(ticket - firstTicket, pattern.length)] ?? 0] ?? []),
  );
  checkDeployment(deployment);
  return deployment;
}

const modulo = (value: number, period: number): number => ((value % period) + period) % period;

function checkLengths({ segments, paceSeconds }: DeploymentOptions, distinct: number, inAll: number): void {
  const counts = [
    { what: 'segments', count: segments.length, expected: distinct },
    { what: 'stage times', count: paceSeconds?.length ?? inAll, expected: inAll },
  ];
  for (const { what, count, expected } of counts) {
    if (count === expected) continue;
    throw new InvalidInputError(
      `the plan has ${expected} stages, but ${count} ${what} were given, expected one for each stage`,
      'Make them from the same plan.',
    );
  }
}

/** `time` is the position of the stage's predicted time. */
function deployedStage(
  options: DeploymentOptions,
  planned: Stage = { device: '', nodes: [] },
  stage: number,
  time: number,
): DeployedStage {
  const { device: id, nodes, threads, cpus } = planned;
  const { problem, segments, paceSeconds } = options;
  const device = problem.cluster.devices.find((candidate) => candidate.id === id);
  if (device === undefined) {
    throw new InvalidInputError(
      `stage ${stage} of the plan runs on device '${id}', expected one of ${problem.cluster.devices.map((known) => known.id).join(', ')}`,
      'Plan again for this cluster.',
    );
  }
  const boundary = stageBoundary(problem.graph, nodes);
  const pace = device.emulated ? (paceSeconds?.[time] ?? null) : null;
  const p99 = pace ?? stageP99(problem.profile, device, problem.graph, nodes);
  return {
    stage,
    device: id,
    segment: segments[stage]?.digest ?? '',
    threads: threads ?? device.threads,
    ...(cpus === undefined ? {} : { cpus }),
    optimisation: options.optimisation ?? 'all',
    paceSeconds: pace,
    ...(p99 === null ? {} : { p99Seconds: p99 }),
    inputs: boundary.inputs.map((tensor) => deployedTensor(problem.graph, tensor).name),
    outputs: boundary.outputs.map((tensor) => deployedTensor(problem.graph, tensor).name),
    ...deployedBatch(planned, options.together?.[time] ?? null, device.emulated),
  };
}

function deployedBatch(
  { batch: requests, batchWaitSeconds: waitSeconds = seconds(0) }: Stage,
  times: TogetherTimes | null,
  isPaced: boolean,
): Pick<DeployedStage, 'batch'> {
  if (requests === undefined) return {};
  const { restSeconds = seconds(0), computeSeconds = null } = times ?? {};
  return { batch: { requests, waitSeconds, restSeconds, paceSeconds: isPaced ? computeSeconds : null } };
}

/** The plan's transfers (pictures raw), and the gateway's part: every graph input to the source, every graph output from the sink. */
function routesOf({ graph, workload }: Problem, plan: Plan): Route[] {
  const codec = { kind: 'raw' } as const;
  const nameOf = (id: TensorId): string => deployedTensor(graph, id).name;
  const fromGateway = [...new Set(graph.inputs)].map((id) => ({
    tensor: nameOf(id),
    from: null,
    to: workload.source,
    codec,
  }));
  const between = plan.transfers.map(({ tensor, from, to, codec: planned }) => ({
    tensor: nameOf(tensor),
    from,
    to,
    codec: planned.kind === 'picture' ? codec : planned,
  }));
  const toGateway = [...new Set(graph.outputs)].map((id) => ({
    tensor: nameOf(id),
    from: workload.sink,
    to: null,
    codec,
  }));
  return [...fromGateway, ...between, ...toGateway];
}

/** A route whose bits are chosen says between which. */
function withRange(route: Route, decisions: readonly DeployedDecision[]): Route {
  const range = decisions.find(({ bits }) =>
    bits?.ways.some(({ tensor, to }) => tensor === route.tensor && to === route.to),
  )?.bits;
  return range ? { ...route, bits: { least: range.least, most: range.most } } : route;
}

export function deployedTensor(graph: Graph, id: TensorId): Deployment['tensors'][number] {
  const tensor = graph.tensors[id];
  if (tensor === undefined) {
    throw new InvalidInputError(
      `the plan moves tensor ${id}, expected one of the graph's ${graph.tensors.length}`,
      'Plan again for this graph.',
    );
  }
  const { name, type, shape } = tensor;
  tensorBodyBytes(name, type, shape);
  return { name, type, shape };
}

/** Links are paced at their rate at the start; one that begins with a rate of 0 cannot be, and only a plan without it runs. */
function pacedLinks({ cluster }: Problem, ways: readonly Plan[]): PacedLink[] {
  const transfers = ways.flatMap((way) => way.transfers);
  const emulated = new Set<DeviceId>(cluster.devices.filter((device) => device.emulated).map(({ id }) => id));
  return cluster.links
    .filter(({ from, to }) => emulated.has(from) || emulated.has(to))
    .filter((link) => startsOpen(link, transfers))
    .map((link) => ({
      from: link.from,
      to: link.to,
      bitsPerSecond: finiteRate(rateAt(link, 0)),
      oneWaySeconds: seconds(link.roundTripSeconds / 2 + link.perMessageSeconds),
    }));
}

function startsOpen(link: Link, transfers: readonly Transfer[]): boolean {
  if (rateAt(link, 0) > 0) return true;
  if (!transfers.some(({ from, to }) => from === link.from && to === link.to)) return false;
  throw new UnsupportedError(
    `the link from '${link.from}' to '${link.to}' begins with a rate of 0, expected one above 0: an imitated link is paced at its first rate`,
    'Let its trace begin later, or plan without this link.',
  );
}

/** JSON has no infinity. */
const finiteRate = (rate: BitsPerSecond): BitsPerSecond => bitsPerSecond(Math.min(rate, Number.MAX_VALUE));
