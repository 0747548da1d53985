import {
  createRandom,
  evaluate,
  type Plan,
  type Problem,
  planWays,
  type Seconds,
  seconds,
  stageNumbers,
  zooModel,
} from '@tandem/core';
import { createSha256, systemClock, systemClockName, tcp } from '@tandem/node';
import {
  type Answer,
  connectGateway,
  deploymentOf,
  type Gateway,
  type PlannedDecisions,
  segmentSources,
  segmentsByDigest,
  type TensorValue,
} from '@tandem/runtime';
import type { Network } from '../../packages/cli/src/reproduce/coach-testbed.ts';
import { requestsBefore } from '../../packages/cli/src/run/counted-way.ts';
import { randomInputs } from '../models/random-inputs.ts';
import type { AgentReach } from './papers-testbed.ts';

/** For one request, on links that may be many times slower than the paper's. */
export const timeoutSeconds: Seconds = seconds(300);

export interface ImitatedPlan {
  readonly network: Network;
  readonly problem: Problem;
  readonly plan: Plan;
  readonly slowMotion: number;
  /** Requests at the gateway, at most. */
  readonly waiting: number;
  /** @default nothing is decided request by request */
  readonly decided?: PlannedDecisions;
  readonly signal: AbortSignal;
}

export async function papersGateway({ addresses, token }: AgentReach, signal: AbortSignal): Promise<Gateway> {
  const reach = { transport: tcp(), clock: systemClock, clockName: systemClockName() };
  return await connectGateway({ ...reach, token, addresses, signal });
}

/** Puts the plan on agents that hold their answers until the paper's devices would have them, and asks for one to warm up and one that counts. */
export async function deployImitated(
  gateway: Gateway,
  { network, problem, plan, slowMotion, waiting, decided, signal }: ImitatedPlan,
): Promise<{ readonly inputs: readonly TensorValue[]; readonly answer: Answer }> {
  const model = zooModel(network, { classes: 100, batch: 1 });
  const { ways } = planWays(problem, plan);
  const distinct = { stages: stageNumbers(ways).stages };
  const sources = segmentSources({ model, graph: problem.graph, plan: distinct, createSha256 });
  const paceSeconds = ways.flatMap((way) =>
    evaluate(problem, way).stages.map(({ computeSeconds }) => seconds(slowMotion * computeSeconds)),
  );
  const deployment = deploymentOf({
    problem: imitated(problem),
    plan,
    segments: sources.map(({ manifest }) => manifest),
    paceSeconds,
    paceLinks: false,
    firstTicket: requestsBefore,
    requestTimeoutSeconds: timeoutSeconds,
    decisions: decided?.decisions ?? [],
  });
  const bySource = segmentsByDigest(sources);
  const trace = { model: network, planner: plan.planner };
  const matrices = decided === undefined ? {} : { matrices: decided.matrices };
  await gateway.deploy(deployment, bySource, { signal, waiting, trace, ...matrices });
  const inputs = randomInputs(problem.graph, createRandom(1));
  await gateway.request(inputs, { version: plan.version, signal });
  return { inputs, answer: await gateway.request(inputs, { version: plan.version, signal }) };
}

/** By way of the plan, what the device with the inputs takes for a request, in the paper's time. */
export function sourceSeconds(problem: Problem, plan: Plan): number[] {
  const { source } = problem.workload;
  return planWays(problem, plan).ways.map((way) =>
    evaluate(problem, way).stages.reduce(
      (sum, { device, computeSeconds }) => sum + (device === source ? computeSeconds : 0),
      0,
    ),
  );
}

/** Its devices hold their answers until the times that they are given, computed by one core. */
function imitated(problem: Problem): Problem {
  const devices = problem.cluster.devices.map((device) => ({ ...device, emulated: true, threads: 1 }));
  return { ...problem, cluster: { ...problem.cluster, devices } };
}
