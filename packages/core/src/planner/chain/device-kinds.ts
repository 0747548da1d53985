import type { ChainCosts } from './chain-costs.ts';

/**
 * The devices, by position, in groups of identical ones: the same times, memory and links, so that swapping two changes nothing.
 * Where requests enter and where answers are wanted are of a kind of their own.
 */
export function deviceKinds(costs: ChainCosts, devices: readonly number[]): readonly (readonly number[])[] {
  const kinds: number[][] = [];
  for (const device of devices) {
    const twins = kinds.find((kind) => areTwins(costs, kind[0] ?? -1, device));
    if (twins === undefined) kinds.push([device]);
    else twins.push(device);
  }
  return kinds;
}

function areTwins(costs: ChainCosts, left: number, right: number): boolean {
  const { index, units, problem } = costs;
  if ([index.source, index.sink].some((end) => end === left || end === right)) return false;
  const [one, other] = [problem.cluster.devices[left], problem.cluster.devices[right]];
  if (one?.memoryBytes !== other?.memoryBytes || one?.overheadBytes !== other?.overheadBytes) return false;
  const segments = problem.profile.segments ?? [];
  if (segments.some(({ device }) => device === one?.id || device === other?.id)) return false;
  for (let unit = 0; unit < units.length; unit++)
    if (costs.seconds(left, unit, unit + 1) !== costs.seconds(right, unit, unit + 1)) return false;
  return linksAlike(costs, left, right);
}

function linksAlike(costs: ChainCosts, left: number, right: number): boolean {
  const swapped = (device: number): number => (device === left ? right : device === right ? left : device);
  const takes = (from: number, to: number): string => JSON.stringify(linkOf(costs, from, to));
  for (const other of costs.devices.keys()) {
    for (const end of [left, right]) {
      if (other === end) continue;
      if (takes(end, other) !== takes(swapped(end), swapped(other))) return false;
      if (takes(other, end) !== takes(swapped(other), swapped(end))) return false;
    }
  }
  return true;
}

function linkOf({ problem, devices }: ChainCosts, from: number, to: number): readonly unknown[] {
  const link = problem.cluster.links.find((row) => row.from === devices[from] && row.to === devices[to]);
  if (link === undefined) return [];
  return [link.rate, link.roundTripSeconds, link.perMessageSeconds, link.burstBytes];
}
