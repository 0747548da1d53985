import {
  catalogueDevice,
  createEvaluator,
  type Graph,
  graphOf,
  metricsOf,
  type Plan,
  type PlannerName,
  type Problem,
  parseCluster,
  planners,
  problemOf,
  RefusedError,
  type ScenarioArrivals,
  scenarioOf,
  seconds,
  simulate,
  zooModel,
} from '@tandem/core';
import type { ReproduceContext } from './claim.ts';

export type Network = 'resnet-101' | 'vgg16';
export type EndDevice = 'NX' | 'TX2';

/**
 * The share of its peak (single precision) that every device sustains in dense kernels. Fitted, so that Neurosurgeon’s latency in one column
 * of Table I, ResNet-101 on NX, is the paper’s, because it is the device’s time more than anything else; all other figures are tests of it.
 */
export const efficiency: number = 0.526;

/** "20 frames/sec", of the section on data sets. */
export const requestsPerSecond: number = 20;
const streamed = 100;

/** What the paper grants every planner: at most 0.5 % of the answers. */
const accuracyLoss = 0.005;

const catalogueNames = { NX: 'jetson-xavier-nx', TX2: 'jetson-tx2' } as const;

const testbedHardware: string = `Tandem’s planners and simulator on the published topologies (100 classes, 224 × 224, float32) and on devices from the catalogue’s spec sheets: Jetson Xavier NX and TX2 before an RTX A6000, each at ${(efficiency * 100).toFixed(1)} % of its peak in single precision, a share fitted on one column of Table I alone (Neurosurgeon, ResNet-101 on NX)`;

const assumedLoss =
  'What bits cost is assumed (0.32 × 2^−bits of the answers), so 6 bits are the fewest within COACH’s 0.5 %.';

export const testbedStandIn: string = `${testbedHardware}; a link of constant rate, no round trip. Offline plans only: COACH adapts nothing while it runs, SPINN has no early exits, because both need trained weights and data. ${assumedLoss}`;

/** Where something adapts. */
export const onlineStandIn: string = `${testbedHardware}; no round trip. ${assumedLoss}`;

/** A planner of the comparison, as it is asked for one request and for a stream. */
export interface Contender {
  readonly alone: PlannerName;
  /** Where the plan for one request cannot keep the pace; absent: that plan all the same. */
  readonly streaming?: PlannerName;
}

/** In the order in which the paper prints them; NS and SPINN minimise latency, COACH its own objective, whatever arrives. */
export const contenders: Readonly<Record<ContenderName, Contender>> = {
  NS: { alone: 'neurosurgeon-chain' },
  DADS: { alone: 'dads-light', streaming: 'dads-heavy' },
  SPINN: { alone: 'spinn' },
  'JPS, 32 bits': { alone: 'jps-adjacent', streaming: 'jps-adjacent' },
  'JPS, 8 bits': { alone: 'jps-adjacent-q8', streaming: 'jps-adjacent-q8' },
  'COACH, sum': { alone: 'coach' },
  'COACH, in turn': { alone: 'coach-lex' },
};
/** JPS does not say how many bits it sends, and of COACH's objective the text names the terms but not how they are joined. */
export type ContenderName =
  | 'NS'
  | 'DADS'
  | 'SPINN'
  | 'JPS, 32 bits'
  | 'JPS, 8 bits'
  | 'COACH, sum'
  | 'COACH, in turn';
export const contenderNames: readonly ContenderName[] = Object.keys(contenders) as ContenderName[];

/** What one printed "latency" may mean; seconds. */
export interface Readings {
  /** One request on idle devices. */
  readonly alone: number;
  /** From arrival to answer, in the mean over a stream of `requestsPerSecond`. */
  readonly sojourn: number;
  /** Between two answers, when there is always a next request. */
  readonly period: number;
}

const graphs = new Map<Network, Graph>();

function graphOfNetwork(network: Network): Graph {
  const known = graphs.get(network) ?? graphOf(zooModel(network, { classes: 100, batch: 1 }));
  graphs.set(network, known);
  return known;
}

export interface Setting {
  readonly network: Network;
  readonly device: EndDevice;
  readonly megabitsPerSecond: number;
}

export function problemOfSetting(
  { network, device, megabitsPerSecond }: Setting,
  objective: 'latency' | 'period',
): Problem {
  const at = (id: string, like: string): object => {
    const peak = catalogueDevice(like).figures.peakFlopsPerSecond?.value ?? 0;
    return { id, host: id, like, gigaflopsPerSecond: (efficiency * peak) / 1e9 };
  };
  const cluster = parseCluster({
    hosts: [{ id: 'end' }, { id: 'cloud' }],
    devices: [at('end', catalogueNames[device]), at('cloud', 'rtx-a6000')],
    links: [{ from: 'end', to: 'cloud', megabitsPerSecond, bothWays: true }],
  });
  return problemOf(graphOfNetwork(network), cluster, { objective: { kind: objective }, accuracyLoss });
}

export type PlanningContext = Pick<ReproduceContext, 'clock' | 'random' | 'signal'>;

/** Throws RefusedError where the planner has no plan. */
export async function planOfSetting(
  setting: Setting,
  name: PlannerName,
  objective: 'latency' | 'period',
  { clock, random, signal }: PlanningContext,
): Promise<Plan> {
  const problem = problemOfSetting(setting, objective);
  const options = { problemDigest: '', evaluator: createEvaluator(problem), random, clock, signal };
  const result = await planners[name].plan(problem, options);
  if (result.kind === 'plan') return result.plan;
  throw new RefusedError(`${name} has no plan: ${result.reason}`, 'Give the devices more room.');
}

/** The plans that a contender's readings are of; where they are the same plan, the same object. */
export async function plansOfContender(
  setting: Setting,
  { alone, streaming }: Contender,
  context: PlanningContext,
): Promise<Readonly<Record<keyof Readings, Plan>>> {
  const single = await planOfSetting(setting, alone, 'latency', context);
  const problem = problemOfSetting(setting, 'latency');
  const stream =
    streaming === undefined ? single : await planOfSetting(setting, streaming, 'period', context);
  const own = paceOf(problem, single);
  const isFaster = stream !== single && paceOf(problem, stream) < own;
  return {
    alone: single,
    sojourn: own * requestsPerSecond <= 1 ? single : stream,
    period: isFaster ? stream : single,
  };
}

/** All three readings of a contender, by the simulator. */
export async function readingsOf(
  setting: Setting,
  contender: Contender,
  context: PlanningContext,
): Promise<Readings> {
  return simulatedReadings(setting, await plansOfContender(setting, contender, context), streamed);
}

/** The readings of these plans, over streams of so many requests. */
export function simulatedReadings(
  setting: Setting,
  plans: Readonly<Record<keyof Readings, Plan>>,
  requests: number,
): Readings {
  const problem = problemOfSetting(setting, 'latency');
  const every = { kind: 'periodic', seconds: seconds(1 / requestsPerSecond), requests } as const;
  return {
    alone: meanLatency(problem, plans.alone, { kind: 'one' }),
    sojourn: meanLatency(problem, plans.sojourn, every),
    period: paceOf(problem, plans.period, requests),
  };
}

/** Seconds between two answers of a plan when there is always a next request. */
export function paceOf(problem: Problem, plan: Plan, requests: number = streamed): number {
  const trace = simulate(scenarioOf(problem, plan, { arrivals: { kind: 'batch', requests } }));
  return 1 / (metricsOf(trace).steadyRequestsPerSecond ?? Number.NaN);
}

function meanLatency(problem: Problem, plan: Plan, arrivals: ScenarioArrivals): number {
  return metricsOf(simulate(scenarioOf(problem, plan, { arrivals }))).latencySeconds?.mean ?? Number.NaN;
}
