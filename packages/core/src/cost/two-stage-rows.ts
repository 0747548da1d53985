import type { DeviceId } from '../cluster/cluster.ts';
import type { Cut, Graph, Tensor } from '../graph/graph.ts';
import type { Plan, Transfer } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { transfersAmong } from '../plan/transfers-of.ts';
import { type CostTables, costTables, linkIndex, occupiedSeconds, stageTime } from './cost-tables.ts';
import { drawOf } from './power.ts';
import type { TwoStagePair } from './two-stage-objective.ts';

/** Where a row holds what; times in seconds. A group is the tensors that take one way at one moment. */
export const field = {
  head: 0,
  tail: 1,
  /** Occupied link time of each group: inputs to both devices, the boundary, the answers of both. */
  rawFirst: 2,
  rawSecond: 3,
  cross: 4,
  outFirst: 5,
  outSecond: 6,
  /** What each group travels on top; far below 0 where it is empty, so that nothing waits for it. */
  rawFirstDelay: 7,
  rawSecondDelay: 8,
  crossDelay: 9,
  outFirstDelay: 10,
  outSecondDelay: 11,
  /** When the boundary's link, and that of the second device's answers, is done with raw inputs. */
  beforeCross: 12,
  beforeOut: 13,
  /** 1 where the first device's answers share the boundary's link. */
  outFollowsCross: 14,
  /** Of the busiest link. */
  linkBusy: 15,
  /** Energy = busyJoules + idleWatts × latency: what a device draws beyond idling while it is busy, and the radio. */
  busyJoules: 16,
  idleWatts: 17,
} as const;

export const stride = 18;

/** Not −Infinity, which would make NaN of a transfer that never ends. */
const never = -Number.MAX_VALUE;

interface Group {
  readonly occupied: number;
  readonly delay: number;
}

/** One row of `stride` numbers for each cut. */
export function twoStageRows(
  problem: Problem,
  cuts: readonly Cut[],
  pair: TwoStagePair,
  frequency: Plan['frequency'],
): Float64Array {
  const tables = costTables(problem, frequency);
  const times = [pair.first, pair.second].map((device) => timesOf(problem.graph, tables, device));
  const rows = new Float64Array(cuts.length * stride);
  const sources = { problem, tables, pair, frequency };
  for (const [index, cut] of cuts.entries()) {
    const row = rows.subarray(index * stride, (index + 1) * stride);
    row[field.head] = times[0]?.head(cut) ?? 0;
    row[field.tail] = times[1]?.tail(cut) ?? 0;
    fillTransfers(row, sources, cut);
    fillEnergy(row, sources, cut);
  }
  return rows;
}

interface Sources {
  readonly problem: Problem;
  readonly tables: CostTables;
  readonly pair: TwoStagePair;
  readonly frequency: Plan['frequency'];
}

/** What lies before and behind a cut takes on one device: prefix sums, unless whole stages were measured. */
function timesOf(
  graph: Graph,
  { compute }: CostTables,
  device: DeviceId,
): { head(cut: Cut): number; tail(cut: Cut): number } {
  const index = compute.devices.indexOf(device);
  const times = compute.seconds[index] ?? [];
  const before = prefixSums(times);
  const behind = prefixSums([...times].reverse()).reverse();
  const everything = [...graph.nodes.keys()];
  const isPrefix = ({ nodes }: Cut): boolean =>
    (compute.segments[index]?.size ?? 0) === 0 &&
    (nodes.length === 0 || nodes[nodes.length - 1] === nodes.length - 1);
  const rest = ({ nodes }: Cut): number[] => {
    const members = new Set(nodes);
    return everything.filter((node) => !members.has(node));
  };
  return {
    head: (cut) =>
      isPrefix(cut) ? (before[cut.nodes.length] ?? 0) : stageTime(compute, index, cut.nodes).seconds,
    tail: (cut) =>
      isPrefix(cut) ? (behind[cut.nodes.length] ?? 0) : stageTime(compute, index, rest(cut)).seconds,
  };
}

function prefixSums(values: readonly number[]): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (const [index, value] of values.entries()) sums[index + 1] = (sums[index] ?? 0) + value;
  return sums;
}

function fillTransfers(row: Float64Array, { problem, tables, pair }: Sources, cut: Cut): void {
  const { source, sink } = problem.workload;
  const { first, second } = pair;
  const stageOf = stagesOf(problem.graph, cut);
  const transfers = transfersOfCut(problem, pair, cut, stageOf);
  const size = (transfer: Transfer): number => problem.graph.tensors[transfer.tensor]?.bytes ?? 0;
  const originOf = ({ tensor }: Transfer): number => {
    const producer = problem.graph.tensors[tensor]?.producer;
    return typeof producer === 'number' ? (stageOf[producer] ?? -1) : -1;
  };
  const isRead = ({ tensor }: Transfer): boolean =>
    problem.graph.tensors[tensor]?.consumers.some((node) => stageOf[node] === 1) ?? false;
  const groupOf = (belongs: (transfer: Transfer) => boolean): Group =>
    group(tables, transfers.filter(belongs), size);
  const rawFirst = groupOf((transfer) => originOf(transfer) === -1 && transfer.to === first);
  const rawSecond = groupOf((transfer) => originOf(transfer) === -1 && transfer.to === second);
  const crosses = (transfer: Transfer): boolean =>
    originOf(transfer) === 0 && transfer.to === second && isRead(transfer);
  const cross = groupOf(crosses);
  const outFirst = groupOf((transfer) => originOf(transfer) === 0 && !crosses(transfer));
  const outSecond = groupOf((transfer) => originOf(transfer) === 1);
  const groups = [rawFirst, rawSecond, cross, outFirst, outSecond];
  for (const [index, { occupied, delay }] of groups.entries()) {
    row[field.rawFirst + index] = occupied;
    row[field.rawFirstDelay + index] = delay;
  }
  row[field.beforeCross] = source === first ? rawSecond.occupied : 0;
  row[field.beforeOut] = source === second && sink === first ? rawFirst.occupied : 0;
  row[field.outFollowsCross] = sink === second ? 1 : 0;
  row[field.linkBusy] = busiestLink(tables, transfers, size);
  row[field.busyJoules] = radioJoules(problem, tables, transfers, size);
}

/** 0 before the cut, 1 behind it. */
function stagesOf(graph: Graph, cut: Cut): Int32Array {
  const stageOf = new Int32Array(graph.nodes.length).fill(1);
  for (const node of cut.nodes) stageOf[node] = 0;
  return stageOf;
}

function transfersOfCut(
  problem: Problem,
  { first, second }: TwoStagePair,
  cut: Cut,
  stageOf: Int32Array,
): Transfer[] {
  const { graph } = problem;
  const ids = new Set([...cut.boundary, ...graph.inputs, ...graph.outputs]);
  const tensors = [...ids].flatMap((id): Tensor[] => {
    const tensor = graph.tensors[id];
    return tensor === undefined ? [] : [tensor];
  });
  const stages = [first, second].map((device) => ({ device, nodes: [] }));
  return transfersAmong(problem, tensors, stages, stageOf);
}

function occupied(tables: CostTables, { from, to }: Transfer, size: number): number {
  const link = tables.transfer.links[linkIndex(tables.transfer, from, to)];
  return link === undefined ? Number.POSITIVE_INFINITY : occupiedSeconds(link, size);
}

function group(
  tables: CostTables,
  transfers: readonly Transfer[],
  size: (transfer: Transfer) => number,
): Group {
  const [first] = transfers;
  if (first === undefined) return { occupied: 0, delay: never };
  const link = tables.transfer.links[linkIndex(tables.transfer, first.from, first.to)];
  return {
    occupied: transfers.reduce((sum, transfer) => sum + occupied(tables, transfer, size(transfer)), 0),
    delay: link?.delaySeconds ?? 0,
  };
}

function busiestLink(
  tables: CostTables,
  transfers: readonly Transfer[],
  size: (transfer: Transfer) => number,
): number {
  const busy = new Map<number, number>();
  for (const transfer of transfers) {
    const link = linkIndex(tables.transfer, transfer.from, transfer.to);
    busy.set(link, (busy.get(link) ?? 0) + occupied(tables, transfer, size(transfer)));
  }
  return Math.max(0, ...busy.values());
}

function radioJoules(
  { cluster }: Problem,
  tables: CostTables,
  transfers: readonly Transfer[],
  size: (transfer: Transfer) => number,
): number {
  return transfers.reduce((sum, transfer) => {
    const link = cluster.links.find(({ from, to }) => from === transfer.from && to === transfer.to);
    const watts = (link?.transmitWatts ?? 0) + (link?.receiveWatts ?? 0);
    return watts === 0 ? sum : sum + watts * occupied(tables, transfer, size(transfer));
  }, 0);
}

/** Devices without a stage, that are neither source nor sink, may be off. */
function fillEnergy(row: Float64Array, { problem, pair, frequency }: Sources, cut: Cut): void {
  const { graph, cluster, workload } = problem;
  const used = new Set([workload.source, workload.sink]);
  if (cut.nodes.length > 0) used.add(pair.first);
  if (cut.nodes.length < graph.nodes.length) used.add(pair.second);
  const busy = new Map([
    [pair.first, row[field.head] ?? 0],
    [pair.second, row[field.tail] ?? 0],
  ]);
  let idle = 0;
  for (const id of used) {
    const device = cluster.devices.find((candidate) => candidate.id === id);
    const draw = device === undefined ? null : drawOf(device, frequency);
    idle += draw === null ? Number.NaN : draw.idleWatts;
    const more = draw === null ? 0 : draw.staticWatts + draw.dynamicWatts - draw.idleWatts;
    row[field.busyJoules] = (row[field.busyJoules] ?? 0) + more * (busy.get(id) ?? 0);
  }
  row[field.idleWatts] = idle;
}
