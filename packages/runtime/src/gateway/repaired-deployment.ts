import { type Codec, type DeviceId, InvalidInputError, reassigned } from '@tandem/core';
import type { DeployedStage, Deployment, Route } from './deployment.ts';
import { checkDeployment } from './deployment-check.ts';
import { mergedDeployment, turnsOf } from './merged-deployment.ts';

/** What is known of other places for the stages of a deployment. */
export interface Repairer {
  /** What it costs to run the plan's stages on these devices; null = it cannot be, for example for want of memory. */
  cost(devices: ReadonlyMap<number, DeviceId>, survivors: readonly DeviceId[]): number | null;
  /** How the stage runs on the device. */
  place(stage: number, device: DeviceId): Pick<DeployedStage, 'threads' | 'paceSeconds'>;
}

export interface NewPlaces {
  readonly version: number;
  /** Who may take what others lost, the preferred first. */
  readonly survivors: readonly DeviceId[];
  /** @default stages are spread evenly and run as they did */
  readonly repairer?: Repairer;
}

const raw: Codec = { kind: 'raw' };

/**
 * The same stages, and so the same segments and answers, with those of lost devices on survivors: a replica takes them where there is one.
 * Nothing is decided request by request any more, because that was learned for other ways. Null = no assignment can run.
 */
export function reassignedDeployment(
  deployment: Deployment,
  { version, survivors, repairer }: NewPlaces,
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
  const places = reassigned({ lost, kept, survivors, cost });
  if (places === null) return null;
  const turns = turnsOf(deployment).map((turn, at) => {
    const stages = turn.stages.map((stage): DeployedStage => {
      if (alive.has(stage.device)) return stage;
      const others = replicas.get(stage.stage) ?? [];
      const device = others[at % others.length] ?? places.get(stage.stage) ?? stage.device;
      // Processors are the lost device's own, and its memory may be what held a batch.
      const { cpus: _, batch: __, ...unpinned } = stage;
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
  for (const { tensor, from: sink } of turn.routes.filter(({ to }) => to === null)) {
    if (arrived.has(tensor) || sink === null) continue;
    const isHeld = holders.has(tensor) && !makers.has(tensor);
    const place = isHeld || !alive.has(sink) ? home(tensor, survivor(alive)) : sink;
    bring(tensor, place);
    add(tensor, place, null, raw);
  }
  return [...routes.values()];
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
