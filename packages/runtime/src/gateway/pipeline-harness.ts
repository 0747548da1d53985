import {
  type AgentRecord,
  type Bytes,
  bytes,
  type Clock,
  type Codec,
  type CreateSha256,
  type DeviceId,
  digestBytes,
  type GatewayRecord,
  type Seconds,
  seconds,
} from '@tandem/core';
import type { ChosenActuator } from '../actuate/actuator.ts';
import { type Agent, startAgent } from '../agent/agent.ts';
import type { AgentLimits } from '../agent/agent-options.ts';
import type { Executor, TensorValue } from '../execute/executor.ts';
import { type NullSegment, nullExecutor } from '../execute/null-executor.ts';
import { manifestOf } from '../segment/manifest.ts';
import { memoryStore } from '../segment/memory-store.ts';
import type { SegmentSource, SegmentStore, StoredSegment } from '../segment/segment.ts';
import { segmentsByDigest } from '../segment/segment-sources.ts';
import { SpareBuffers } from '../spare-buffers.ts';
import type { Transport } from '../transport/transport.ts';
import { copyRoutes } from './copy-routes.ts';
import type { DeployedBatch, DeployedStage, Deployment, Route } from './deployment.ts';
import { connectGateway, type Gateway } from './gateway.ts';
import type { GatewayLimits } from './gateway-options.ts';
import { mergedDeployment } from './merged-deployment.ts';

/** A plan in few words: every tensor is uint8[elements], or float32 where there is a codec; every stage adds up what it reads. */
export interface SmallPlan {
  readonly stages: readonly SmallStage[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly source: DeviceId;
  readonly sink: DeviceId;
  readonly version?: number;
  readonly elements?: number;
  /** How tensors cross between devices. @default raw */
  readonly codec?: Codec;
  readonly requestTimeoutSeconds?: number;
  /** Deployment.queue. @default 4 */
  readonly queue?: number;
  /** Deployment.repair. @default none */
  readonly repair?: Deployment['repair'];
  /** DeploymentOptions.copies. @default false */
  readonly copies?: boolean;
}

export interface SmallStage {
  readonly device: DeviceId;
  /** Devices that share the stage's tickets with it, each as many. @default none */
  readonly replicas?: readonly DeviceId[];
  /** Of a plan of one element, so that each tensor is one row. @default one at a time */
  readonly batch?: DeployedBatch;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface StepListener {
  agent(device: DeviceId, step: AgentRecord): void;
  gateway(step: GatewayRecord): void;
}

export interface PipelineSetup {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly createSha256: CreateSha256;
  /** Where an agent may listen. */
  readonly address: string;
  /** What the transport reads bodies into. */
  readonly spare?: SpareBuffers;
  readonly agentLimits?: Partial<AgentLimits>;
  /** Called before a device's store takes a segment in, which it refuses with what this throws. */
  readonly onStore?: (device: DeviceId) => void;
  readonly actuator?: ChosenActuator;
  readonly gatewayLimits?: Partial<GatewayLimits>;
  /** Gets every step of every schedule. */
  readonly onStep?: StepListener;
  /** Gets the agents' complaints. */
  readonly log?: (line: string) => void;
  /** True: the plan's deployment is traced. */
  readonly traced?: boolean;
  /** Called before a stage's answer, which waits for it. */
  readonly onRun?: (device: DeviceId, segment: NullSegment) => Promise<void> | void;
}

/** Agents, a gateway and a plan in one process, without a model runtime: what tests of the runtime stand on. */
export interface Pipeline {
  readonly gateway: Gateway;
  readonly agents: ReadonlyMap<DeviceId, Agent>;
  readonly deployment: Deployment;
  close(): Promise<void>;
}

const pipelineClock = 'of the pipeline';

export const pipelineToken = 'a token of a pipeline';

/** Devices whose agents, for all they know, read a clock of their own. */
export const ownClock: ReadonlySet<DeviceId> = new Set(['c']);

export async function startPipeline(setup: PipelineSetup, plan: SmallPlan): Promise<Pipeline> {
  const agents = new Map<DeviceId, Agent>();
  const devices = new Set([plan.source, plan.sink, ...plan.stages.flatMap(devicesOfStage)]);
  for (const device of devices) agents.set(device, await startSumAgent(setup, device));
  const close = async (): Promise<void> => {
    await Promise.all([...agents.values()].map((agent) => agent.close()));
  };
  try {
    const gateway = await joinAgents(setup, agents);
    const sources = segmentsOf(plan, setup.createSha256);
    const deployment = smallDeployment(plan, sources);
    await gateway.deploy(deployment, segmentsByDigest(sources), {
      signal: new AbortController().signal,
      ...(setup.traced === true ? { trace: { model: 'sums' } } : {}),
    });
    return { gateway, agents, deployment, close: () => gateway.close().then(close) };
  } catch (error) {
    await close();
    throw error;
  }
}

export function startSumAgent(setup: PipelineSetup, device: DeviceId): Promise<Agent> {
  const { address, transport, clock, createSha256, agentLimits = {}, spare = new SpareBuffers() } = setup;
  return startAgent({
    name: device,
    address,
    transport,
    spare,
    clock,
    limits: agentLimits,
    executor: sumExecutor(device, setup.onRun),
    ...(setup.actuator === undefined ? {} : { actuator: setup.actuator }),
    store: watchedStore(memoryStore(createSha256), () => setup.onStore?.(device)),
    token: pipelineToken,
    clockName: ownClock.has(device) ? '' : pipelineClock,
    record: (step) => setup.onStep?.agent(device, step),
    log: (line) => setup.log?.(line),
  });
}

const watchedStore = (store: SegmentStore, onStore: () => void): SegmentStore => ({
  find: (digest) => store.find(digest),
  receive: async (manifest, signal) => {
    onStore();
    return await store.receive(manifest, signal);
  },
  close: () => store.close(),
});

export function joinAgents(
  { transport, clock, gatewayLimits = {}, onStep }: PipelineSetup,
  agents: ReadonlyMap<DeviceId, Agent>,
): Promise<Gateway> {
  const addresses = Object.fromEntries([...agents].map(([device, { address }]) => [device, address]));
  const { signal } = new AbortController();
  return connectGateway({
    transport,
    clock,
    clockName: pipelineClock,
    token: pipelineToken,
    addresses,
    limits: gatewayLimits,
    signal,
    record: (step) => onStep?.gateway(step),
  });
}

/** Each output element is the sum of the inputs' elements and of the length of the output's name; bytes modulo 256. */
function sumExecutor(device: DeviceId, onRun: PipelineSetup['onRun']): Executor {
  return nullExecutor({
    segments: describeSegment,
    respond: async (segment, inputs) => {
      await onRun?.(device, segment);
      const shape = inputs[0]?.shape;
      return segment.outputs.map((output) => ({
        ...output,
        shape: shape ?? output.shape,
        data: sum(output, inputs),
      }));
    },
  });
}

function sum(
  { name, type }: Pick<TensorValue, 'name' | 'type'>,
  inputs: readonly TensorValue[],
): Uint8Array<ArrayBuffer> {
  const read = inputs.map(({ data }) => elementsOf(type, new Uint8Array(data)));
  const data = new Uint8Array(inputs[0]?.data.length ?? 0);
  const total = elementsOf(type, data);
  for (let at = 0; at < total.length; at++) {
    total[at] = read.reduce((partial, values) => partial + (values[at] ?? 0), name.length);
  }
  return data;
}

function elementsOf(
  type: TensorValue['type'],
  { buffer }: Uint8Array<ArrayBuffer>,
): Uint8Array | Float32Array {
  return type === 'float32' ? new Float32Array(buffer) : new Uint8Array(buffer);
}

const typeOf = ({ codec }: SmallPlan): 'float32' | 'uint8' => (codec === undefined ? 'uint8' : 'float32');

/** What the plan's outputs are for these inputs, computed here. */
export function expectedOutputs(plan: SmallPlan, inputs: readonly TensorValue[]): TensorValue[] {
  const known = new Map(inputs.map((input) => [input.name, input]));
  const shape = [plan.elements ?? 4];
  for (const stage of plan.stages) {
    const read = stage.inputs.flatMap((name) => known.get(name) ?? []);
    for (const name of stage.outputs) {
      const output = { name, type: typeOf(plan), shape };
      known.set(name, { ...output, data: sum(output, read) });
    }
  }
  return plan.outputs.flatMap((name) => known.get(name) ?? []);
}

export function planInputs(plan: SmallPlan, seed: number): TensorValue[] {
  const elements = plan.elements ?? 4;
  return plan.inputs.map((name, index) => {
    const values = Array.from({ length: elements }, (_, at) => seed * 7 + index * 3 + at);
    const type = typeOf(plan);
    const data =
      type === 'uint8' ? Uint8Array.from(values) : new Uint8Array(Float32Array.from(values).buffer);
    return { name, type, shape: [elements], data };
  });
}

/** The null segment travels as JSON in the place of a model. */
export function segmentsOf(plan: SmallPlan, createSha256: CreateSha256): SegmentSource[] {
  const shape = [plan.elements ?? 4];
  return plan.stages.map(({ inputs, outputs }) => {
    const segment = { inputs, outputs: outputs.map((name) => ({ name, type: typeOf(plan), shape })) };
    const model = new TextEncoder().encode(JSON.stringify(segment));
    const sizeBytes: Bytes = bytes(model.length);
    const part = { name: 'model.onnx', sizeBytes, digest: digestBytes(model, createSha256) };
    return {
      manifest: manifestOf([part], createSha256),
      chunks: () => [model.subarray(0, 10), model.subarray(10)],
    };
  });
}

function describeSegment({ model }: StoredSegment): NullSegment {
  if ('path' in model) throw new Error('the memory store handed out a path');
  return JSON.parse(new TextDecoder('utf-8').decode(model.bytes)) as NullSegment;
}

const devicesOfStage = ({ device, replicas = [] }: SmallStage): readonly DeviceId[] => [device, ...replicas];

/** Tickets go to the replicas of a stage in turn. */
export function smallDeployment(plan: SmallPlan, sources: readonly SegmentSource[]): Deployment {
  const counts = plan.stages.map((stage) => devicesOfStage(stage).length);
  const period = counts.reduce((product, count) => product * count, 1);
  const turns = Array.from({ length: period }, (_, turn) => {
    const stages = plan.stages.map(({ inputs, outputs, ...stage }): SmallStage => {
      const devices = devicesOfStage({ inputs, outputs, ...stage });
      const { replicas: _, ...alone } = stage;
      return { ...alone, device: devices[turn % devices.length] ?? '', inputs, outputs };
    });
    return plainDeployment({ ...plan, stages }, sources);
  });
  return mergedDeployment(turns);
}

function plainDeployment(plan: SmallPlan, sources: readonly SegmentSource[]): Deployment {
  const stages = plan.stages.map((stage, index): DeployedStage => {
    const segment = sources[index]?.manifest.digest ?? '';
    return { ...stage, stage: index, segment, threads: 1, optimisation: 'all', paceSeconds: null };
  });
  const routes = smallRoutes(plan);
  const names = new Set([...plan.inputs, ...plan.stages.flatMap(({ outputs }) => outputs)]);
  const limit: Seconds = seconds(plan.requestTimeoutSeconds ?? 20);
  return {
    version: plan.version ?? 1,
    requestTimeoutSeconds: limit,
    queue: plan.queue ?? 4,
    ...(plan.repair === undefined ? {} : { repair: plan.repair }),
    tensors: [...names].map((name) => ({ name, type: typeOf(plan), shape: [plan.elements ?? 4] })),
    stages,
    routes: plan.copies === true ? [...routes, ...copyRoutes(stages, routes)] : routes,
    pacedLinks: [],
  };
}

function smallRoutes(plan: SmallPlan): Route[] {
  const raw = { kind: 'raw' } as const;
  const { codec: between = raw } = plan;
  const routes = new Map<string, Route>();
  const add = (tensor: string, from: DeviceId | null, to: DeviceId | null): void => {
    const codec = from === null || to === null ? raw : between;
    if (from !== to) routes.set(JSON.stringify([tensor, to]), { tensor, from, to, codec });
  };
  const home = (tensor: string): DeviceId =>
    plan.stages.find(({ outputs }) => outputs.includes(tensor))?.device ?? plan.source;
  for (const tensor of plan.inputs) add(tensor, null, plan.source);
  for (const stage of plan.stages) {
    for (const tensor of stage.inputs) add(tensor, home(tensor), stage.device);
  }
  for (const tensor of plan.outputs) {
    add(tensor, home(tensor), plan.sink);
    add(tensor, plan.sink, null);
  }
  return [...routes.values()];
}
