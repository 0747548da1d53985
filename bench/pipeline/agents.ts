import {
  type Codec,
  createRandom,
  type Graph,
  graphOf,
  type Plan,
  type Problem,
  parseCluster,
  planOf,
  problemOf,
  type Seconds,
  type ZooName,
  zooModel,
} from '@tandem/core';
import { createSha256 } from '@tandem/node';
import {
  type Deployment,
  deploymentOf,
  type Gateway,
  type Repairer,
  repairerOf,
  segmentSources,
  segmentsByDigest,
  type TensorValue,
} from '@tandem/runtime';
import { randomInputs } from '../models/random-inputs.ts';
import { AgentProcesses } from './agent-processes.ts';
import { stagesByWork } from './stages-by-work.ts';

export interface StagedOptions {
  readonly network: ZooName;
  readonly codec: Codec;
  /** Every stage takes so long: it sleeps for what it does not compute. */
  readonly paceSeconds: Seconds | null;
  readonly window: number;
  /** Requests that wait beside, at most. @default the schedule's */
  readonly waiting?: number;
  /** Whether requests outlive devices, and from where. @default they do not */
  readonly repair?: NonNullable<Deployment['repair']>;
  /** With `repair`: copies of what crosses between stages at the gateway, and stages that stand by on a second device. @default false */
  readonly standBys?: boolean;
  /** Stages in a row on the same agent. @default 1 */
  readonly stagesEach?: number;
  /** Whether agents note what they do, for `Gateway.trace`. @default false */
  readonly traced?: boolean;
  /** Deployment.version and its priority. @default 1, and 0 */
  readonly version?: number;
  readonly priority?: number;
  readonly signal: AbortSignal;
}

export interface AgentsOptions extends StagedOptions {
  readonly stages: number;
  /** Where agents listen, for example 'ws://127.0.0.1:0'. */
  readonly listen: string;
  /** What the gateway has to say. */
  readonly log?: (line: string) => void;
}

/** A gateway with an agent process a stage, or for some stages in a row, on this machine. */
export interface Agents {
  readonly gateway: Gateway;
  readonly inputs: readonly TensorValue[];
  /** Of the agents, in the order of the stages; an agent of several is there once. */
  readonly pids: readonly number[];
  close(): Promise<void>;
}

export async function openAgents(options: AgentsOptions): Promise<Agents> {
  const { signal, stages, stagesEach = 1, listen, log = () => undefined } = options;
  const processes = await AgentProcesses.start({ count: stages / stagesEach, listen, signal });
  const { pids, devices } = processes;
  try {
    const gateway = await processes.connect({ signal, log });
    const inputs = await deployStaged(gateway, devices, options);
    return { gateway, inputs, pids, close: () => gateway.close().then(() => processes.stop()) };
  } catch (error) {
    await processes.stop();
    throw error;
  }
}

/** The network cut by work into a stage a device. Gives inputs for it. */
export async function deployStaged(
  gateway: Gateway,
  devices: readonly string[],
  {
    network,
    codec,
    paceSeconds,
    repair,
    standBys = false,
    stagesEach = 1,
    traced = false,
    window,
    waiting,
    version = 1,
    priority,
    signal,
  }: StagedOptions,
): Promise<readonly TensorValue[]> {
  const model = zooModel(network);
  const graph = graphOf(model, { batch: 1 });
  const problem = problemOn(devices, graph);
  const plan = planOf(
    problem,
    '0'.repeat(64),
    stagesByWork(
      graph,
      devices.flatMap((host) => Array.from({ length: stagesEach }, () => ({ host, work: 1 }))),
    ),
    'by-hand',
  );
  const coded = { ...plan, version, transfers: plan.transfers.map((transfer) => ({ ...transfer, codec })) };
  const sources = segmentSources({ model, graph, plan: coded, createSha256 });
  const segments = sources.map(({ manifest }) => manifest);
  const deployment = deploymentOf({
    problem,
    plan: coded,
    segments,
    paceLinks: false,
    ...(priority === undefined ? {} : { priority }),
    copies: standBys,
    ...(repair === undefined ? {} : { repair }),
  });
  const paced = { ...deployment, stages: deployment.stages.map((stage) => ({ ...stage, paceSeconds })) };
  const bySource = segmentsByDigest(sources);
  await gateway.deploy(paced, bySource, {
    signal,
    window,
    ...(waiting === undefined ? {} : { waiting }),
    ...(traced ? { trace: { model: network } } : {}),
    ...(standBys ? { repairer: pacedRepairer(problem, coded, paceSeconds), standBys } : {}),
  });
  return randomInputs(graph, createRandom(1));
}

/** Stages take as long wherever they go. */
function pacedRepairer(problem: Problem, plan: Plan, paceSeconds: Seconds | null): Repairer {
  const own = repairerOf(problem, plan);
  return { ...own, place: (stage, device) => ({ ...own.place(stage, device), paceSeconds }) };
}

/** Equal devices of one host with every link between them; the first has the inputs, the last gives the outputs. */
function problemOn(devices: readonly string[], graph: Graph): Problem {
  const links = devices.flatMap((from) =>
    devices.flatMap((to) => (from === to ? [] : [{ from, to, megabitsPerSecond: 1000 }])),
  );
  const figures = { host: 'here', kind: 'cpu', gigaflopsPerSecond: 60, memoryGigabytesPerSecond: 10 };
  return problemOf(
    graph,
    parseCluster({
      name: 'agents on this machine',
      hosts: [{ id: 'here', memoryGigabytes: 64 }],
      devices: devices.map((id) => ({ id, ...figures })),
      links,
      source: devices[0],
      sink: devices.at(-1),
    }),
  );
}
