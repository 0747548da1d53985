import {
  type Clock,
  type Codec,
  type DeviceId,
  ExecutionError,
  type Party,
  RefusedError,
  type Seconds,
  seconds,
} from '@tandem/core';
import type { Executor, LoadedSegment } from '../execute/executor.ts';
import { isAnswer } from '../gateway/copy-routes.ts';
import { codecWithBits } from '../gateway/deployed-decision.ts';
import type { DeployedStage, DeployedTensor, Deployment, Route } from '../gateway/deployment.ts';
import type { SegmentStore } from '../segment/segment.ts';
import { SharedSegments } from './shared-segments.ts';

/** A device's segments in its executor, by plan version; versions that run the same segment in the same way share it. */
export class LoadedPlans {
  readonly #device: DeviceId;
  readonly #executor: Executor;
  readonly #store: SegmentStore;
  readonly #clock: Clock;
  readonly #plans: Map<number, LoadedPlan> = new Map();
  readonly #shared: SharedSegments = new SharedSegments();

  constructor(device: DeviceId, executor: Executor, store: SegmentStore, clock: Clock) {
    this.#device = device;
    this.#executor = executor;
    this.#store = store;
    this.#clock = clock;
  }

  /** Loads this device's stages; all or none stay loaded. */
  async load(deployment: Deployment, signal: AbortSignal): Promise<LoadTime[]> {
    const segments = new Map<number, LoadedSegment>();
    try {
      const times: LoadTime[] = [];
      for (const stage of deployment.stages.filter(({ device }) => device === this.#device)) {
        const start = this.#clock.now();
        segments.set(stage.stage, await this.#loadStage(stage, signal));
        times.push({ stage: stage.stage, loadSeconds: seconds(Math.max(0, this.#clock.now() - start)) });
      }
      signal.throwIfAborted();
      const tensors = new Map(deployment.tensors.map((tensor) => [tensor.name, tensor]));
      const routes = routesByTensor(deployment);
      const near = stagesNearAnswers(deployment);
      this.#plans.set(deployment.version, { deployment, segments, tensors, routes, near });
      return times;
    } catch (error) {
      await closeAll(segments.values());
      throw error;
    }
  }

  segment(version: number, stage: number): LoadedSegment | null {
    return this.#plans.get(version)?.segments.get(stage) ?? null;
  }

  deployment(version: number): Deployment | null {
    return this.#plans.get(version)?.deployment ?? null;
  }

  tensor(version: number, name: string): DeployedTensor | null {
    return this.#plans.get(version)?.tensors.get(name) ?? null;
  }

  /** The request may be answered before all that the stage sends has left: the gateway takes an output, or a stage behind it may answer. */
  isAnswerNear(version: number, stage: number): boolean {
    return this.#plans.get(version)?.near.has(stage) ?? false;
  }

  /** How the tensor travels; raw where the version is not loaded. */
  codec(version: number, tensor: string, from: Party, to: Party): Codec {
    return this.#route({ version, tensor, from, to })?.codec ?? { kind: 'raw' };
  }

  /** What may come instead of `planned`: the same with the bits of `given`, where the plan leaves them to be chosen. */
  allowed(planned: Codec, given: Codec, way: Way): Codec {
    const range = this.#route(way)?.bits;
    if (range === undefined || given.kind !== 'affine') return planned;
    return given.bits < range.least || given.bits > range.most ? planned : codecWithBits(planned, given.bits);
  }

  #route({ version, tensor, from, to }: Way): Route | undefined {
    const routes = this.#plans.get(version)?.routes.get(tensor);
    return routes?.findLast((route) => route.from === from && route.to === to);
  }

  async unload(version: number): Promise<void> {
    const plan = this.#plans.get(version);
    this.#plans.delete(version);
    if (plan !== undefined) await closeAll(plan.segments.values());
  }

  async close(): Promise<void> {
    await Promise.all([...this.#plans.keys()].map((version) => this.unload(version)));
  }

  async #loadStage(stage: DeployedStage, signal: AbortSignal): Promise<LoadedSegment> {
    const stored = await this.#store.find(stage.segment);
    if (stored === null) throw segmentMissing(stage);
    const { segment, threads, cpus, optimisation, paceSeconds, batch } = stage;
    const pinning = cpus === undefined ? {} : { cpus };
    const full =
      batch === undefined || batch.paceSeconds === null
        ? {}
        : { fullBatch: { requests: batch.requests, paceSeconds: batch.paceSeconds } };
    const pace = paceSeconds === null ? {} : { paceSeconds, ...full };
    const key = JSON.stringify([segment, threads, cpus, optimisation, pace]);
    const loaded = await this.#shared.get(key, () =>
      this.#executor.load(stored, { threads, ...pinning, optimisation, ...pace, signal }),
    );
    const fault = boundaryFault(stage, loaded);
    if (fault === null) return loaded;
    await loaded.close();
    throw fault;
  }
}

export interface LoadTime {
  readonly stage: number;
  readonly loadSeconds: Seconds;
}

interface LoadedPlan {
  readonly deployment: Deployment;
  readonly segments: ReadonlyMap<number, LoadedSegment>;
  readonly tensors: ReadonlyMap<string, DeployedTensor>;
  /** By tensor. */
  readonly routes: ReadonlyMap<string, readonly Route[]>;
  /** Stages of `isAnswerNear`. */
  readonly near: ReadonlySet<number>;
}

interface Way {
  readonly version: number;
  readonly tensor: string;
  readonly from: Party;
  readonly to: Party;
}

function routesByTensor({ routes }: Deployment): ReadonlyMap<string, readonly Route[]> {
  const grouped = new Map<string, Route[]>();
  for (const route of routes) {
    const group = grouped.get(route.tensor);
    if (group === undefined) grouped.set(route.tensor, [route]);
    else group.push(route);
  }
  return grouped;
}

/** Those that make what the gateway takes, and those from which a way leads to one that decides, which may answer. */
function stagesNearAnswers({ stages, routes, decisions = [] }: Deployment): ReadonlySet<number> {
  const taken = new Set(routes.flatMap((route) => (isAnswer(route) ? [route.tensor] : [])));
  const deciding = new Set(decisions.map(({ stage }) => stage));
  const awaited = new Set(stages.flatMap(({ stage, inputs }) => (deciding.has(stage) ? inputs : [])));
  // Each round finds at least one more tensor.
  for (let known = -1; known < awaited.size; ) {
    known = awaited.size;
    const before = stages.filter(({ outputs }) => outputs.some((name) => awaited.has(name)));
    for (const name of before.flatMap(({ inputs }) => inputs)) awaited.add(name);
  }
  const near = stages.filter(({ outputs }) => outputs.some((name) => taken.has(name) || awaited.has(name)));
  return new Set(near.map(({ stage }) => stage));
}

async function closeAll(segments: Iterable<LoadedSegment>): Promise<void> {
  await Promise.all([...segments].map((segment) => segment.close()));
}

function segmentMissing({ stage, segment }: DeployedStage): RefusedError {
  return new RefusedError(
    `stage ${stage} needs segment ${segment}, which is not on this device`,
    'Send the segment before deploying the plan.',
  );
}

function boundaryFault(stage: DeployedStage, loaded: LoadedSegment): ExecutionError | null {
  const strange = loaded.inputs.find((name) => !stage.inputs.includes(name));
  const missing = stage.outputs.find((name) => !loaded.outputs.includes(name));
  if (strange === undefined && missing === undefined) return null;
  return new ExecutionError(
    `the segment of stage ${stage.stage} maps [${loaded.inputs.join(', ')}] to [${loaded.outputs.join(', ')}], expected [${stage.inputs.join(', ')}] to [${stage.outputs.join(', ')}]`,
    'Extract the segments from the same plan and model as the deployment.',
  );
}

export function notLoaded(version: number, stage: number): ExecutionError {
  return new ExecutionError(
    `stage ${stage} of plan version ${version} is not loaded here any more`,
    'Withdraw a plan only when its requests have ended.',
  );
}
