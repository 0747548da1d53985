import type { DeviceId } from '../cluster/cluster.ts';
import type { Problem } from '../plan/problem.ts';
import { nodeTimer } from '../profile/node-seconds.ts';
import type { Source } from '../profile/profile.ts';

/** What every node takes on every device. */
export interface ComputeTable {
  /** In the cluster's order. */
  readonly devices: readonly DeviceId[];
  /** [device][node], in seconds. */
  readonly seconds: readonly (readonly number[])[];
  /** [device][node] */
  readonly sources: readonly (readonly Source[])[];
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

export function costTables(problem: Problem): CostTables {
  return { compute: computeTable(problem), transfer: transferTable(problem) };
}

export function computeTable({ graph, cluster, profile }: Problem): ComputeTable {
  const rows = cluster.devices.map((device) => graph.nodes.map(nodeTimer(profile, device, graph)));
  return {
    devices: cluster.devices.map(({ id }) => id),
    seconds: rows.map((row) => row.map((time) => time.seconds)),
    sources: rows.map((row) => row.map((time) => time.source)),
  };
}

/** A link of rate 0 carries nothing and is left out. */
export function transferTable({ cluster }: Problem): TransferTable {
  const usable = cluster.links.filter(({ rate }) => rate.bitsPerSecond > 0);
  return {
    links: usable.map(({ from, to, rate, roundTripSeconds, perMessageSeconds }) => ({
      from,
      to,
      perMessageSeconds,
      secondsPerByte: 8 / rate.bitsPerSecond,
      delaySeconds: roundTripSeconds / 2,
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
