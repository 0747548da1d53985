import type { Device, DeviceId } from '../cluster/cluster.ts';
import { rateAt } from '../cluster/rate-at.ts';
import type { Graph, Node, NodeId } from '../graph/graph.ts';
import { frequencyShare } from '../plan/frequency.ts';
import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { nodeRanges } from '../profile/node-ranges.ts';
import { leastCertain, nodeTimer, rooflineSeconds, type SourcedSeconds } from '../profile/node-seconds.ts';
import type { SegmentTime, Source } from '../profile/profile.ts';
import { preferred, segmentTimes } from '../profile/stage-seconds.ts';
import { flopsPerSecond, seconds } from '../units.ts';

/** What every node takes on every device. */
export interface ComputeTable {
  /** In the cluster's order. */
  readonly devices: readonly DeviceId[];
  /** [device][node], in seconds. */
  readonly seconds: readonly (readonly number[])[];
  /** [device][node] */
  readonly sources: readonly (readonly Source[])[];
  /** [device]: stages whose time as one piece is known, by `nodeRanges`; `stageTime` prefers it to the sum of the nodes. */
  readonly segments: readonly ReadonlyMap<string, SegmentTime>[];
}

/** What a tensor takes on every usable link: it occupies the link for perMessage + bytes × secondsPerByte, then travels for delay. */
export interface TransferTable {
  readonly links: readonly TransferCoefficients[];
}

export interface TransferCoefficients {
  readonly from: DeviceId;
  readonly to: DeviceId;
  readonly perMessageSeconds: number;
  readonly secondsPerByte: number;
  /** Half the round trip. */
  readonly delaySeconds: number;
}

export interface CostTables {
  readonly compute: ComputeTable;
  readonly transfer: TransferTable;
}

/** The coefficients that add up to what `evaluate` says of a plan that sets the clocks to `frequency`. */
export function costTables(problem: Problem, frequency?: Plan['frequency']): CostTables {
  return { compute: computeTable(problem, frequency), transfer: transferTable(problem) };
}

/** Stages measured as one piece were measured at the highest clock rate: at another, their nodes' times add up instead. */
export function computeTable(
  { graph, cluster, profile }: Problem,
  frequency?: Plan['frequency'],
): ComputeTable {
  const rows = cluster.devices.map((device) => {
    const time = nodeTimer(profile, device, graph);
    const slower = slowdown(device, graph, frequencyShare(device, frequency));
    return graph.nodes.map((node) => {
      const { seconds: fastest, source } = time(node);
      return { seconds: fastest * slower(node), source };
    });
  });
  return {
    devices: cluster.devices.map(({ id }) => id),
    seconds: rows.map((row) => row.map((time) => time.seconds)),
    sources: rows.map((row) => row.map((time) => time.source)),
    segments: cluster.devices.map((device) =>
      frequencyShare(device, frequency) === 1 ? segmentTimes(profile, device.id) : new Map(),
    ),
  };
}

/**
 * How many times longer a node takes when the clock runs at `share` of its highest rate: the roofline's ratio, in which operations
 * take 1 / share as long, while moving bytes and launching take what they took. So a measured time keeps its level.
 */
function slowdown(device: Device, graph: Graph, share: number): (node: Node) => number {
  if (share === 1) return () => 1;
  const slow: Device = { ...device, flopsPerSecond: flopsPerSecond(device.flopsPerSecond * share) };
  return (node) => {
    const fastest = rooflineSeconds(device, graph, node);
    return fastest === 0 ? 1 : rooflineSeconds(slow, graph, node) / fastest;
  };
}

/** What `nodes` take as one stage on the device at position `device`; 0 on an unknown one. The same as `stageSeconds`, from the table. */
export function stageTime(table: ComputeTable, device: number, nodes: readonly NodeId[]): SourcedSeconds {
  let sum = 0;
  let source: Source = 'measured';
  for (const node of nodes) {
    sum += table.seconds[device]?.[node] ?? 0;
    source = leastCertain(source, table.sources[device]?.[node] ?? 'measured');
  }
  const own = { seconds: seconds(sum), source };
  const segments = table.segments[device];
  const segment = segments === undefined || segments.size === 0 ? undefined : segments.get(nodeRanges(nodes));
  return segment === undefined ? own : preferred(segment, own);
}

/** Links at the rate that they start with; one of rate 0 carries nothing and is left out. */
export function transferTable({ cluster }: Problem): TransferTable {
  const usable = cluster.links.filter((link) => rateAt(link, 0) > 0);
  return {
    links: usable.map((link) => ({
      from: link.from,
      to: link.to,
      perMessageSeconds: link.perMessageSeconds,
      secondsPerByte: 8 / rateAt(link, 0),
      delaySeconds: link.roundTripSeconds / 2,
    })),
  };
}

/** Position of the link in the table, -1 where the devices are not connected. */
export function linkIndex(table: TransferTable, from: DeviceId, to: DeviceId): number {
  return table.links.findIndex((link) => link.from === from && link.to === to);
}

/** How long a message of `size` bytes occupies a link. */
export function occupiedSeconds(link: TransferCoefficients, size: number): number {
  return link.perMessageSeconds + size * link.secondsPerByte;
}
