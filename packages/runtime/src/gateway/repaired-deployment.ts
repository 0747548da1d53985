import { type Codec, type DeviceId, InvalidInputError, reassigned, type StagesLeft } from '@tandem/core';
import type { SegmentSource } from '../segment/segment.ts';
import { copyRoutes, isAnswer } from './copy-routes.ts';
import type { DeployedStage, DeployedTensor, Deployment, Route } from './deployment.ts';
import { checkDeployment } from './deployment-check.ts';
import { mergedDeployment, turnsOf } from './merged-deployment.ts';

/** What is known of other places for the stages of a deployment. */
export interface Repairer {
  /** What it costs to run the plan's stages on these devices; null = it cannot be, for example for want of memory. */
  cost(devices: ReadonlyMap<number, DeviceId>, survivors: readonly DeviceId[]): number | null;
  /** How the stage runs on the device. */
  place(stage: number, device: DeviceId): Pick<DeployedStage, 'threads' | 'paceSeconds'>;
  /** Lost stages cut anew; null = they cannot be, or nothing is gained. @default they stay whole */
  recut?(left: StagesLeft): Recut | null;
  /** Where each stage would go, were its device lost, as far as memory holds it there beside the plan. @default not known */
  standBys?(devices: readonly DeviceId[], alive: ReadonlySet<DeviceId>): ReadonlyMap<number, DeviceId>;
}

/** Stages in the place of others. */
export interface Recut {
  /** In the place of each that was lost; what they are numbered no stage of the plan is. */
  readonly pieces: ReadonlyMap<number, readonly Piece[]>;
  /** Between the pieces. */
  readonly tensors: readonly DeployedTensor[];
  /** By digest, those of the pieces. */
  readonly segments: ReadonlyMap<string, SegmentSource>;
  /** For the plan that it makes, whose stages are numbered in order. */
  readonly repairer: () => Repairer;
}

export interface NewPlaces {
  readonly version: number;
  /** Who may take what others lost, the preferred first. */
  readonly survivors: readonly DeviceId[];
  /** @default stages are spread evenly and run as they did */
  readonly repairer?: Repairer;
  /** Where stages are loaded beside their own device. @default nowhere */
  readonly standBys?: ReadonlyMap<number, DeviceId>;
}

const raw: Codec = { kind: 'raw' };

/**
 * The same stages, and so the same segments and answers, with those of lost devices on survivors: a replica takes them where there is one,
 * or who stands by, because requests wait for weights elsewhere.
 * Nothing is decided request by request any more, because that was learned for other ways. Null = no assignment can run.
 */
export function reassignedDeployment(
  deployment: Deployment,
  { version, survivors, repairer, standBys = new Map() }: NewPlaces,
): Deployment | null {
  const alive = new Set(survivors);
  const replicas = new Map<number, DeviceId[]>();
  for (const { stage, device } of deployment.stages)
    replicas.set(stage, [...(replicas.get(stage) ?? []), ...(alive.has(device) ? [device] : [])]);
  const kept = new Map<number, DeviceId>();
  for (const [stage, [first]] of replicas) if (first !== undefined) kept.set(stage, first);
  const lost = [...replicas.keys()].filter((stage) => !kept.has(stage));
  const cost = (devices: ReadonlyMap<number, DeviceId>): number | null =>
    repairer === undefined ? crowding(devices) : repairer.cost(devices, survivors);
  const standing = new Map(kept);
  for (const [stage, device] of standBys)
    if (lost.includes(stage) && alive.has(device)) standing.set(stage, device);
  const left = lost.filter((stage) => !standing.has(stage));
  const warm = reassigned({ lost: left, kept: standing, survivors, cost });
  const isWarm = warm !== null && cost(warm) !== null;
  const places = isWarm ? warm : reassigned({ lost, kept, survivors, cost });
  if (places === null) return null;
  const turns = turnsOf(deployment).map((turn, at) => {
    const stages = turn.stages.map((stage): DeployedStage => {
      if (alive.has(stage.device)) return stage;
      const others = replicas.get(stage.stage) ?? [];
      const device = others[at % others.length] ?? places.get(stage.stage) ?? stage.device;
      // Processors and times are the lost device's own, and its memory may be what held a batch.
      const { cpus: _, batch: __, p99Seconds: ___, ...unpinned } = stage;
      return { ...unpinned, device, ...repairer?.place(stage.stage, device) };
    });
    return {
      ...turn,
      stages,
      routes: routesOf({ turn, stages, alive, holders: new Map(), arrived: new Set() }),
    };
  });
  return renewed(turns, version);
}

/** `segment` null = the stage as it was, elsewhere. */
export type Piece = Omit<DeployedStage, 'segment'> & { readonly segment: string | null };

/** The deployment with pieces in the place of its lost stages; its routes are those of before. */
export function recutStages(deployment: Deployment, { pieces, tensors }: Recut): Deployment {
  const known = new Set(deployment.tensors.map(({ name }) => name));
  return {
    ...deployment,
    recut: deployment.recut === true || [...pieces.values()].some((own) => own.length > 1),
    stages: deployment.stages.flatMap((stage) => {
      const own = pieces.get(stage.stage) ?? [stage];
      return own.map((piece) => ({ ...piece, segment: piece.segment ?? stage.segment }));
    }),
    tensors: [...deployment.tensors, ...tensors.filter(({ name }) => !known.has(name))],
  };
}

/** The whole network on survivors, where no survivor can take a lost stage as it is. Null = nor can they together. */
export function recutDeployment(
  deployment: Deployment,
  { version, survivors, repairer }: NewPlaces,
): { readonly deployment: Deployment; readonly recut: Recut } | null {
  const alive = new Set(survivors);
  const recut = isShared(deployment)
    ? null
    : repairer?.recut?.({
        first: 0,
        holder: null,
        devices: devicesInOrder(deployment),
        moved: new Set(),
        alive,
      });
  if (recut === null || recut === undefined) return null;
  const turn = recutStages(deployment, recut);
  const stages = turn.stages.map((stage, position) => ({ ...stage, stage: position }));
  const routes = routesOf({ turn, stages, alive, holders: new Map(), arrived: new Set() });
  return { deployment: renewed([{ ...turn, stages, routes }], version), recut };
}

/** Of a deployment whose stages are those of a plan, in its order. */
export const devicesInOrder = ({ stages }: Deployment): DeviceId[] =>
  stages.toSorted((left, right) => left.stage - right.stage).map(({ device }) => device);

/** Whether replicas take a stage's requests by turns. */
export const isShared = ({ stages }: Deployment): boolean => stages.some(({ share }) => share !== undefined);

export interface Suffix {
  readonly version: number;
  /** Stages that have to run. */
  readonly run: ReadonlySet<number>;
  /** Who holds the tensors from which they go on, inputs not counted. */
  readonly holders: ReadonlyMap<string, DeviceId>;
  /** Outputs that the gateway has. */
  readonly arrived: ReadonlySet<string>;
  /** Whether the device has the tensor from its own stage, and not as a codec brought it. */
  readonly isMaker: (tensor: string, device: DeviceId) => boolean;
}

/** What is left of the deployment for requests that have come so far. */
export function suffixDeployment(deployment: Deployment, { version, run, ...held }: Suffix): Deployment {
  const alive = new Set(deployment.stages.map(({ device }) => device));
  const turns = turnsOf(deployment).map((turn) => {
    const stages = turn.stages.filter(({ stage }) => run.has(stage));
    return { ...turn, stages, routes: routesOf({ turn, stages, alive, ...held }) };
  });
  return renewed(turns, version);
}

/** Devices that have more stages than others are worse. */
function crowding(devices: ReadonlyMap<number, DeviceId>): number {
  const counts = new Map<DeviceId, number>();
  for (const device of devices.values()) counts.set(device, (counts.get(device) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum + count ** 2, 0);
}

function renewed(turns: readonly Deployment[], version: number): Deployment {
  const { decisions: _, ...merged } = mergedDeployment(turns);
  const deployment = { ...merged, version };
  checkDeployment(deployment);
  return deployment;
}

interface Ways extends Pick<Suffix, 'holders' | 'arrived'> {
  /** As it was: where inputs come in, where outputs leave, and how tensors are coded. */
  readonly turn: Deployment;
  readonly stages: readonly DeployedStage[];
  readonly alive: ReadonlySet<DeviceId>;
  readonly isMaker?: Suffix['isMaker'];
}

/** Who sends what to whom when these stages run. */
function routesOf({ turn, stages, alive, holders, arrived, isMaker }: Ways): Route[] {
  const makers = new Map(stages.flatMap(({ device, outputs }) => outputs.map((tensor) => [tensor, device])));
  const routes = new Map<string, Route>();
  const add = (tensor: string, from: DeviceId | null, to: DeviceId | null, codec: Codec): void => {
    routes.set(JSON.stringify([tensor, to]), { tensor, from, to, codec });
  };
  const home = (tensor: string, reader: DeviceId): DeviceId => {
    const maker = makers.get(tensor);
    if (maker !== undefined) return maker;
    const holder = holders.get(tensor);
    if (holder !== undefined) add(tensor, holder, holder, raw);
    if (holder !== undefined) return holder;
    const known = [...routes.values()].find((route) => route.tensor === tensor && route.from === null)?.to;
    const source = known ?? sourceOf(turn, tensor, alive) ?? reader;
    add(tensor, null, source, raw);
    return source;
  };
  const bring = (tensor: string, to: DeviceId): DeviceId => {
    const from = home(tensor, to);
    const isPlain = holders.has(tensor) && !makers.has(tensor) && isMaker?.(tensor, from) !== true;
    if (from !== to) add(tensor, from, to, isPlain ? raw : codecOf(turn, tensor));
    return from;
  };
  for (const { device, inputs } of stages) for (const tensor of inputs) bring(tensor, device);
  for (const { tensor, from: sink } of turn.routes.filter(isAnswer)) {
    if (arrived.has(tensor) || sink === null) continue;
    const isHeld = holders.has(tensor) && !makers.has(tensor);
    const place = isHeld || !alive.has(sink) ? home(tensor, survivor(alive)) : sink;
    bring(tensor, place);
    add(tensor, place, null, raw);
  }
  const all = [...routes.values()];
  return turn.routes.some(({ copy }) => copy === true) ? [...all, ...copyRoutes(stages, all)] : all;
}

function survivor(alive: ReadonlySet<DeviceId>): DeviceId {
  for (const device of alive) return device;
  throw new InvalidInputError('no device is left', 'Start an agent.');
}

function sourceOf({ routes }: Deployment, tensor: string, alive: ReadonlySet<DeviceId>): DeviceId | null {
  const source = routes.find((route) => route.tensor === tensor && route.from === null)?.to ?? null;
  return source !== null && alive.has(source) ? source : null;
}

/** As it crosses between devices; what did not cross goes raw. */
function codecOf({ routes }: Deployment, tensor: string): Codec {
  const isBetween = ({ from, to }: Route): boolean => from !== null && to !== null && from !== to;
  return routes.find((route) => route.tensor === tensor && isBetween(route))?.codec ?? raw;
}
