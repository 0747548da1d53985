import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import {
  type Codec,
  createRandom,
  type Graph,
  graphOf,
  type Problem,
  parseCluster,
  planOf,
  problemOf,
  type Seconds,
  type ZooName,
  zooModel,
} from '@tandem/core';
import {
  type AgentProcess,
  createSha256,
  sockets,
  startAgentProcess,
  systemClock,
  systemClockName,
} from '@tandem/node';
import {
  connectGateway,
  type Deployment,
  deploymentOf,
  type Gateway,
  segmentSources,
  type TensorValue,
} from '@tandem/runtime';
import { randomInputs } from '../models/random-inputs.ts';
import { stagesByWork } from './stages-by-work.ts';

export interface AgentsOptions {
  readonly network: ZooName;
  readonly stages: number;
  readonly codec: Codec;
  /** Where agents listen, for example 'ws://127.0.0.1:0'. */
  readonly listen: string;
  /** Every stage takes so long: it sleeps for what it does not compute. */
  readonly paceSeconds: Seconds | null;
  readonly window: number;
  /** Whether requests outlive devices, and from where. @default they do not */
  readonly repair?: NonNullable<Deployment['repair']>;
  /** What the gateway has to say. */
  readonly log?: (line: string) => void;
  readonly signal: AbortSignal;
}

/** A gateway with an agent process a stage, on this machine. */
export interface Agents {
  readonly gateway: Gateway;
  readonly inputs: readonly TensorValue[];
  /** Of the agents, in the order of the stages. */
  readonly pids: readonly number[];
  close(): Promise<void>;
}

const main = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url));

export async function openAgents(options: AgentsOptions): Promise<Agents> {
  const { signal, stages, log = () => undefined } = options;
  const token = randomBytes(32).toString('base64url');
  const command = [process.execPath, main, 'agent', '--parent', '--listen', options.listen] as const;
  const devices = Array.from({ length: stages }, (_, index) => `d${index}`);
  const started: AgentProcess[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((agent) => agent.stop()));
  };
  try {
    for (const device of devices) started.push(await startAgentProcess({ command, device, token, signal }));
    const addresses = Object.fromEntries(started.map(({ device, address }) => [device, address]));
    const reach = { transport: sockets(), clock: systemClock, clockName: systemClockName() };
    const gateway = await connectGateway({ ...reach, token, addresses, signal, log });
    const inputs = await deploy(gateway, devices, options);
    const pids = started.map(({ pid }) => pid);
    return { gateway, inputs, pids, close: () => gateway.close().then(stop) };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function deploy(
  gateway: Gateway,
  devices: readonly string[],
  { network, codec, paceSeconds, window, repair, signal }: AgentsOptions,
): Promise<readonly TensorValue[]> {
  const model = zooModel(network);
  const graph = graphOf(model, { batch: 1 });
  const problem = problemOn(devices, graph);
  const plan = planOf(
    problem,
    '0'.repeat(64),
    stagesByWork(
      graph,
      devices.map((host) => ({ host, work: 1 })),
    ),
    'by-hand',
  );
  const coded = { ...plan, transfers: plan.transfers.map((transfer) => ({ ...transfer, codec })) };
  const sources = segmentSources({ model, graph, plan: coded, createSha256 });
  const segments = sources.map(({ manifest }) => manifest);
  const deployment = deploymentOf({
    problem,
    plan: coded,
    segments,
    paceLinks: false,
    ...(repair === undefined ? {} : { repair }),
  });
  const paced = { ...deployment, stages: deployment.stages.map((stage) => ({ ...stage, paceSeconds })) };
  const bySource = new Map(sources.map((source) => [source.manifest.digest, source]));
  await gateway.deploy(paced, bySource, { signal, window });
  return randomInputs(graph, createRandom(1));
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
