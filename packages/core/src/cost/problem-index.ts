import type { DeviceId, HostId } from '../cluster/cluster.ts';
import type { Problem } from '../plan/problem.ts';
import { type TransferCoefficients, type TransferTable, transferTable } from './cost-tables.ts';

/** A problem with what pricing looks up by position instead of by name; made once for many plans. */
export interface ProblemIndex {
  readonly problem: Problem;
  readonly transfer: TransferTable;
  /** Position in the cluster. */
  readonly devices: ReadonlyMap<DeviceId, number>;
  readonly deviceIds: readonly DeviceId[];
  readonly hostIds: readonly HostId[];
  /** What devices and hosts hold at most, in bytes. */
  readonly deviceCapacities: readonly number[];
  readonly hostCapacities: readonly number[];
  /** Positions of the devices at which requests enter and answers are wanted. */
  readonly source: number;
  readonly sink: number;
  /** By device, its host's position in the cluster; -1 where that is not stated. */
  readonly hostOf: readonly number[];
  /** By tensor and by parameter, in bytes. */
  readonly tensorBytes: readonly number[];
  readonly parameterBytes: readonly number[];
  /** By position in the transfer table. */
  readonly radios: readonly Radio[];
  /** By from × devices + to, positions in the transfer table; -1 = no link. */
  readonly linkAt: Int32Array;
}

/** Position in the transfer table of the link between devices at two positions; -1 where none connects them. */
export function linkBetween({ deviceIds, linkAt }: ProblemIndex, from: number, to: number): number {
  return from < 0 || to < 0 ? -1 : (linkAt[from * deviceIds.length + to] ?? -1);
}

/** Devices, links, and what no link carries. */
export function resourceCount({ deviceIds, transfer }: ProblemIndex): number {
  return deviceIds.length + transfer.links.length + 1;
}

/** The resource of all that no link carries. */
export function nowhere(index: ProblemIndex): number {
  return resourceCount(index) - 1;
}

/** The resource that a transfer between two devices occupies: devices come first, then links, then what no link carries. */
export function linkResource(index: ProblemIndex, from: number, to: number): number {
  const link = linkBetween(index, from, to);
  return link < 0 ? nowhere(index) : index.deviceIds.length + link;
}

/** Who sends and who receives over a link, as positions, and what that draws. */
export interface Radio {
  readonly from: number;
  readonly to: number;
  readonly transmitWatts: number;
  readonly receiveWatts: number;
}

/** Evaluators and chains of one problem ask for the same one. */
const known = new WeakMap<Problem, ProblemIndex>();

export function problemIndex(problem: Problem): ProblemIndex {
  let index = known.get(problem);
  if (index === undefined) known.set(problem, (index = indexOf(problem)));
  return index;
}

function indexOf(problem: Problem): ProblemIndex {
  const { graph, cluster, workload } = problem;
  const devices = new Map(cluster.devices.map(({ id }, position) => [id, position]));
  const transfer = transferTable(problem);
  const radios = transfer.links.map((link) => radioOf(problem, devices, link));
  const linkAt = new Int32Array(devices.size ** 2).fill(-1);
  for (const [position, { from, to }] of radios.entries()) {
    const key = from * devices.size + to;
    if (linkAt[key] === -1) linkAt[key] = position;
  }
  return {
    problem,
    transfer,
    devices,
    deviceIds: cluster.devices.map(({ id }) => id),
    hostIds: cluster.hosts.map(({ id }) => id),
    deviceCapacities: cluster.devices.map(({ memoryBytes }) => memoryBytes),
    hostCapacities: cluster.hosts.map(({ memoryBytes }) => memoryBytes),
    source: devices.get(workload.source) ?? -1,
    sink: devices.get(workload.sink) ?? -1,
    hostOf: cluster.devices.map(({ host }) => cluster.hosts.findIndex(({ id }) => id === host)),
    tensorBytes: graph.tensors.map((tensor) => tensor.bytes),
    parameterBytes: graph.parameters.map((parameter) => parameter.bytes),
    radios,
    linkAt,
  };
}

function radioOf(
  { cluster }: Problem,
  devices: ReadonlyMap<DeviceId, number>,
  { from, to }: TransferCoefficients,
): Radio {
  const link = cluster.links.find((row) => row.from === from && row.to === to);
  return {
    from: devices.get(from) ?? -1,
    to: devices.get(to) ?? -1,
    transmitWatts: link?.transmitWatts ?? 0,
    receiveWatts: link?.receiveWatts ?? 0,
  };
}
