import { bytes, bytesPerSecond, type DeviceTraits, flopsPerSecond } from '@tandem/core';
import { chips } from './chips.ts';
import { type Core, cores } from './cores.ts';

interface Cluster {
  readonly core: Core;
  readonly hertz: number;
  readonly count: number;
}

/** A device of the table with the cores that one run used. */
export interface Placement {
  /** What is held out together. */
  readonly chip: string;
  readonly traits: DeviceTraits;
}

/**
 * The cores that `threads` threads of a run used: `powersave` 0 = all, the fast ones first; 1 = the slowest cluster; 2 = the fastest. A
 * second thread of a core adds nothing. Null for a device whose name no row of `chips` explains.
 */
export function placementOf(device: string, threads: number, powersave: number): Placement | null {
  const row = chips.find(([text]) => device.includes(text));
  if (row === undefined) return null;
  const [, chip, text, gigabytes] = row;
  const clusters = text.split(' + ').map(clusterOf);
  const allowed = powersave === 0 ? clusters : clusters.slice(...(powersave === 1 ? [-1] : [0, 1]));
  return { chip, traits: traitsOf(coresUsed(allowed, threads), gigabytes * 1e9) };
}

function clusterOf(text: string): Cluster {
  const [name = '', gigahertz, count] = text.split(' ');
  const core = cores[name];
  if (core === undefined)
    throw new Error(`the table of chips names the core '${name}', which cores.ts lacks`);
  return { core, hertz: Number(gigahertz) * 1e9, count: Number(count) };
}

function coresUsed(clusters: readonly Cluster[], threads: number): Cluster[] {
  let left = threads;
  return clusters.flatMap((cluster) => {
    const count = Math.min(left, cluster.count);
    left -= count;
    return count > 0 ? [{ ...cluster, count }] : [];
  });
}

/** Bytes that one core can have under way a cycle, in order and out of order: one core alone does not fill a memory bus. */
const bytesPerCycle = { inOrder: 1.5, outOfOrder: 4 };

function traitsOf(clusters: readonly Cluster[], chipBandwidth: number): DeviceTraits {
  const total = (of: (cluster: Cluster) => number): number =>
    clusters.reduce((sum, cluster) => sum + cluster.count * of(cluster), 0);
  const reach = total(
    ({ core, hertz }) => hertz * (core.outOfOrder ? bytesPerCycle.outOfOrder : bytesPerCycle.inOrder),
  );
  const [first] = clusters;
  return {
    threads: total(() => 1),
    flopsPerSecond: flopsPerSecond(total(({ core, hertz }) => hertz * core.operationsPerCycle)),
    memoryBytesPerSecond: bytesPerSecond(Math.min(chipBandwidth, reach)),
    clockHertz: first?.hertz ?? null,
    operationsPerCycle: first?.core.operationsPerCycle ?? null,
    outOfOrder: first?.core.outOfOrder ?? null,
    cacheBytes: first === undefined ? null : bytes(first.core.cacheMebibytes * 2 ** 20),
  };
}
