import type { Device, DeviceId, Link } from '../cluster/cluster.ts';
import type { TraceRate } from '../cluster/rate.ts';
import { rateAt } from '../cluster/rate-at.ts';
import { transferSeconds } from '../cluster/transfer-seconds.ts';
import type { Graph, Node, NodeId } from '../graph/graph.ts';
import { frequencyShare, highestHertz } from '../plan/frequency.ts';
import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { type ClockPoint, secondsAtShare } from '../profile/clock-law.ts';
import { nodeRanges } from '../profile/node-ranges.ts';
import {
  leastCertain,
  mostCertain,
  nodeTimer,
  rooflineRow,
  rooflineSeconds,
  type SourcedSeconds,
} from '../profile/node-seconds.ts';
import type { Profile, ProfileRow, SegmentTime, Source } from '../profile/profile.ts';
import { preferred, segmentTimes } from '../profile/stage-seconds.ts';
import { flopsPerSecond, type Seconds, seconds } from '../units.ts';
import type { OccupiedFrom } from './list-schedule.ts';

/** What every node takes on every device. */
export interface ComputeTable {
  /** In the cluster's order. */
  readonly devices: readonly DeviceId[];
  /** [device][node], in seconds; loading is in it. */
  readonly seconds: readonly (readonly number[])[];
  /**
   * [device][node]: the part of `seconds` in which the node's parameters are loaded. 0 where they stay loaded, and on a device whose
   * load rate the cluster does not state. A parameter that two nodes read counts for both, so that nodes add up to stages.
   */
  readonly loadSeconds: readonly (readonly number[])[];
  /** [device][node] */
  readonly sources: readonly (readonly Source[])[];
  /** [device]: stages whose time as one piece is known, by `nodeRanges`; `stageTime` prefers it to the sum of the nodes. */
  readonly segments: readonly ReadonlyMap<string, SegmentTime>[];
}

/**
 * What a tensor takes on every usable link: it occupies the link for perMessage + the bytes above the link's burst × secondsPerByte, then
 * travels for delay. A
 * link that follows a trace counts with the rate that it starts with, as the literature plans, or with the first rate after an outage
 * at the start; `evaluate` prices each of its transfers from the moment at which it starts (`occupiedFrom`).
 */
export interface TransferTable {
  readonly links: readonly TransferCoefficients[];
}

export interface TransferCoefficients {
  readonly from: DeviceId;
  readonly to: DeviceId;
  readonly perMessageSeconds: number;
  readonly secondsPerByte: number;
  readonly burstBytes: number;
  /** Half the round trip. */
  readonly delaySeconds: number;
  /** The rate in the course of time, where it changes. */
  readonly trace: TraceRate | null;
}

export interface CostTables {
  readonly compute: ComputeTable;
  readonly transfer: TransferTable;
}

/** The coefficients that add up to what `evaluate` says of a plan that sets the clocks to `frequency`. */
export function costTables(problem: Problem, frequency?: Plan['frequency']): CostTables {
  return { compute: computeTable(problem, frequency), transfer: transferTable(problem) };
}

/**
 * Stages measured as one piece count at the clock rate that they were measured at; below it those that were measured at slower rates
 * too, by `secondsAtShare`. Of others the nodes' times add up instead.
 */
export function computeTable(problem: Problem, frequency?: Plan['frequency']): ComputeTable {
  if (frequency !== undefined) return freshTable(problem, frequency);
  let table = known.get(problem);
  if (table === undefined) known.set(problem, (table = freshTable(problem, frequency)));
  return table;
}

/** At the highest rates, by problem: an evaluator and several planners ask for the same one, and problems are frozen data. */
const known = new WeakMap<Problem, ComputeTable>();

function freshTable(
  { graph, cluster, profile, constraints }: Problem,
  frequency: Plan['frequency'],
): ComputeTable {
  const isTimed = new Set(profile.rows.map(({ device }) => device));
  const estimated: readonly Source[] = graph.nodes.map(() => 'roofline');
  const loads = cluster.devices.map((device) => graph.nodes.map(loaderOf(device, constraints.memory)));
  const rows = cluster.devices.map((device) => {
    const share = frequencyShare(device, frequency);
    return share === 1 && !isTimed.has(device.id)
      ? { seconds: rooflineRow(device, graph), sources: estimated }
      : clockedRow(profile, device, graph, share);
  });
  return {
    devices: cluster.devices.map(({ id }) => id),
    seconds: rows.map((row, device) => row.seconds.map((time, node) => time + (loads[device]?.[node] ?? 0))),
    loadSeconds: loads,
    sources: rows.map(({ sources }) => sources),
    segments: cluster.devices.map((device) =>
      slowedSegments(profile, device, frequencyShare(device, frequency)),
    ),
  };
}

function clockedRow(
  profile: Profile,
  device: Device,
  graph: Graph,
  share: number,
): { readonly seconds: readonly number[]; readonly sources: readonly Source[] } {
  const time = nodeTimer(profile, device, graph);
  const slower = slowdown(profile, device, graph, share);
  const row = graph.nodes.map((node) => {
    const fastest = time(node);
    const { ratio, source } = slower(node);
    return { seconds: fastest.seconds * ratio, source: leastCertain(fastest.source, source) };
  });
  return { seconds: row.map((cell) => cell.seconds), sources: row.map(({ source }) => source) };
}

/** How long a node's parameters take to reach the device's memory on each request. */
function loaderOf(device: Device, memory: Problem['constraints']['memory']): (node: Node) => number {
  const rate = memory === 'transient' ? (device.loadBytesPerSecond ?? Number.POSITIVE_INFINITY) : null;
  return ({ parameterBytes }) => (rate === null || parameterBytes === 0 ? 0 : parameterBytes / rate);
}

interface Slowdown {
  readonly ratio: number;
  readonly source: Source;
}

/**
 * How many times longer a node takes when the clock runs at `share` of its highest rate. Where it was measured at slower rates too, by
 * `secondsAtShare`; else by the roofline's ratio, in which operations take 1 / share as long, while moving bytes and launching take
 * what they took. So a measured time keeps its level.
 */
function slowdown(profile: Profile, device: Device, graph: Graph, share: number): (node: Node) => Slowdown {
  if (share === 1) return () => ({ ratio: 1, source: 'measured' });
  const rows = mostCertain(
    profile.rows.filter((row) => row.device === device.id),
    (row) => row.node,
  );
  const roofline = rooflineRatio(device, graph, share);
  return (node) => {
    const row = rows.get(node.name);
    const points = row === undefined || row.seconds === 0 ? [] : clockPoints(row, device);
    if (row === undefined || points.length < 2) return { ratio: roofline(node), source: 'measured' };
    const slowed = secondsAtShare(points, share);
    return { ratio: slowed.seconds / row.seconds, source: slowed.source };
  };
}

/** The time at the highest rate and those at slower ones. */
function clockPoints(
  { seconds: fastest, levels = [] }: ProfileRow | SegmentTime,
  device: Device,
): ClockPoint[] {
  const highest = highestHertz(device);
  if (highest === null) return [];
  const slower = levels.filter(({ hertz }) => hertz < highest);
  return [
    { share: 1, seconds: fastest },
    ...slower.map((level) => ({ share: level.hertz / highest, seconds: level.seconds })),
  ];
}

function slowedSegments(profile: Profile, device: Device, share: number): ReadonlyMap<string, SegmentTime> {
  const known = segmentTimes(profile, device.id);
  if (share === 1) return known;
  const slowed = new Map<string, SegmentTime>();
  for (const [name, time] of known) {
    const points = clockPoints(time, device);
    if (points.length < 2) continue;
    const { seconds: slower, source } = secondsAtShare(points, share);
    const own = { segment: name, device: device.id, seconds: slower };
    slowed.set(name, { ...own, source: leastCertain(time.source, source) });
  }
  return slowed;
}

function rooflineRatio(device: Device, graph: Graph, share: number): (node: Node) => number {
  const slow: Device = { ...device, flopsPerSecond: flopsPerSecond(device.flopsPerSecond * share) };
  return (node) => {
    const fastest = rooflineSeconds(device, graph, node);
    return fastest === 0 ? 1 : rooflineSeconds(slow, graph, node) / fastest;
  };
}

/** A stage's time and the part of it in which parameters are loaded. */
export interface StageTime extends SourcedSeconds {
  readonly loadSeconds: Seconds;
}

/**
 * What `nodes` take as one stage on the device at position `device`; 0 on an unknown one. The same as `stageSeconds`, from the table,
 * and loading, which a measurement of the stage as one piece does not include.
 */
export function stageTime(table: ComputeTable, device: number, nodes: readonly NodeId[]): StageTime {
  let sum = 0;
  let load = 0;
  let source: Source = 'measured';
  for (const node of nodes) {
    sum += table.seconds[device]?.[node] ?? 0;
    load += table.loadSeconds[device]?.[node] ?? 0;
    source = leastCertain(source, table.sources[device]?.[node] ?? 'measured');
  }
  const own = { seconds: seconds(sum), source, loadSeconds: seconds(load) };
  const segments = table.segments[device];
  const segment = segments === undefined || segments.size === 0 ? undefined : segments.get(nodeRanges(nodes));
  const best = segment === undefined ? own : preferred(segment, own);
  return best === own
    ? own
    : { seconds: seconds(best.seconds + load), source: best.source, loadSeconds: own.loadSeconds };
}

/** One row for each link that ever carries anything. */
export function transferTable({ cluster }: Problem): TransferTable {
  return { links: cluster.links.flatMap(coefficientsOf) };
}

function coefficientsOf(link: Link): TransferCoefficients[] {
  const rate = startingRate(link);
  if (rate === 0) return [];
  const { from, to, perMessageSeconds, burstBytes = 0, roundTripSeconds } = link;
  const trace = link.rate.kind === 'trace' ? link.rate : null;
  const delaySeconds = roundTripSeconds / 2;
  return [{ from, to, perMessageSeconds, secondsPerByte: 8 / rate, burstBytes, delaySeconds, trace }];
}

/** 0 where the link never carries anything. */
function startingRate(link: Link): number {
  const rate = rateAt(link, 0);
  if (rate > 0 || link.rate.kind !== 'trace') return rate;
  return link.rate.points.find(({ bitsPerSecond }) => bitsPerSecond > 0)?.bitsPerSecond ?? 0;
}

/** Position of the link in the table, -1 where the devices are not connected. */
export function linkIndex(table: TransferTable, from: DeviceId, to: DeviceId): number {
  return table.links.findIndex((link) => link.from === from && link.to === to);
}

/** How long a message of `size` bytes occupies a link, at the rate that the table states. */
export function occupiedSeconds(link: TransferCoefficients, size: number): number {
  return link.perMessageSeconds + Math.max(0, size - link.burstBytes) * link.secondsPerByte;
}

/** The same from a start, for a link whose rate changes: the bytes follow what is added per message. Null where it does not matter. */
export function occupiedFrom(link: TransferCoefficients, size: number): OccupiedFrom | null {
  const { trace, perMessageSeconds, burstBytes } = link;
  if (trace === null) return null;
  const sent = Math.max(0, size - burstBytes);
  return (start) => perMessageSeconds + transferSeconds({ rate: trace }, sent, start + perMessageSeconds);
}
