import type { ComputeTable } from '../../cost/cost-tables.ts';
import { type FoldGroup, foldGroups } from '../../graph/fold-groups.ts';
import type { Graph, NodeId } from '../../graph/graph.ts';
import type { ChainCosts } from '../chain/chain-costs.ts';

/**
 * No placement of nodes on devices answers a request sooner, whatever memory there is. Between the tensors that alone connect two
 * units of the chain, a unit runs on one device as a whole, or on several: then as fast as its longest path on the fastest devices, all devices
 * sharing its work, and with tensors crossing, each as fast as the smallest one over the best link. The cheapest way through all units,
 * by the device on which each connecting tensor arises. Seconds. O(units × devices² + nodes × devices).
 */
export function latencyBound(chain: ChainCosts, table: ComputeTable): number {
  const { graph } = chain.problem;
  const groups = groupsOfUnits(graph, chain.units);
  let least = chain.devices.map((_, device) =>
    device === chain.index.source ? 0 : Number.POSITIVE_INFINITY,
  );
  for (const unit of chain.units.keys()) {
    const facts = unitFacts(chain, table, unit, groups[unit] ?? []);
    least = chain.devices.map((_, to) =>
      least.reduce(
        (best, before, from) => Math.min(best, before + stepSeconds(chain, facts, unit, from, to)),
        Number.POSITIVE_INFINITY,
      ),
    );
  }
  const last = chain.units.length;
  return least.reduce(
    (best, before, device) => Math.min(best, before + wholeCrossing(chain, last, device, chain.index.sink)),
    Number.POSITIVE_INFINITY,
  );
}

interface UnitBound {
  /** [device]: all on it. */
  readonly alone: readonly number[];
  /** Whether it can be on several devices at all. */
  readonly parts: boolean;
  readonly longestPath: number;
  readonly sharedWork: number;
  readonly smallestPart: number;
  /** What the smallest tensor takes from the device, and to it, over its best link. */
  readonly out: readonly number[];
  readonly into: readonly number[];
}

function stepSeconds(chain: ChainCosts, unit: UnitBound, position: number, from: number, to: number): number {
  const together = wholeCrossing(chain, position, from, to) + (unit.alone[to] ?? 0);
  if (!unit.parts) return together;
  const crossing = Math.max(unit.out[from] ?? 0, unit.into[to] ?? 0);
  const apart =
    from === to
      ? Math.max(unit.longestPath, (unit.out[from] ?? 0) + unit.smallestPart + (unit.into[to] ?? 0))
      : unit.longestPath + crossing;
  return Math.min(together, Math.max(apart, unit.sharedWork));
}

/** What must cross where all that reads it is at `to`; of several tensors at least one. */
function wholeCrossing(chain: ChainCosts, position: number, from: number, to: number): number {
  if (from === to || chain.crossing(position).length !== 1) return 0;
  const { occupiedSeconds, delaySeconds } = chain.crossingTime(position, from, to);
  return occupiedSeconds + delaySeconds;
}

function unitFacts(
  chain: ChainCosts,
  table: ComputeTable,
  unit: number,
  groups: readonly FoldGroup[],
): UnitBound {
  const { graph } = chain.problem;
  const needed = neededGroups(graph, groups, chain.crossing(unit + 1));
  const secondsOf = (device: number, nodes: readonly NodeId[]): number =>
    nodes.reduce((sum, node) => sum + (table.seconds[device]?.[node] ?? 0), 0);
  const fastest = needed.map(({ nodes }) =>
    Math.min(...chain.devices.map((_, device) => secondsOf(device, nodes))),
  );
  const tensors = [...chain.crossing(unit), ...groups.flatMap(({ outputs }) => outputs)].map(
    (tensor) => chain.index.tensorBytes[tensor] ?? 0,
  );
  const smallest = Math.min(...tensors);
  const links = chain.index.transfer.links.map((link, at) => ({
    ends: chain.index.radios[at],
    seconds: link.perMessageSeconds + smallest * link.secondsPerByte + link.delaySeconds,
  }));
  const best = (isEnd: (ends: { from: number; to: number }) => boolean): number =>
    links.reduce(
      (least, { ends, seconds }) => (ends !== undefined && isEnd(ends) ? Math.min(least, seconds) : least),
      Number.POSITIVE_INFINITY,
    );
  return {
    alone: chain.devices.map((_, device) =>
      needed.reduce((sum, { nodes }) => sum + secondsOf(device, nodes), 0),
    ),
    parts: needed.length > 1,
    longestPath: longestPath(needed, fastest),
    sharedWork: fastest.reduce((sum, time) => sum + time, 0) / chain.devices.length,
    smallestPart: Math.min(...fastest),
    out: chain.devices.map((_, device) => best(({ from }) => from === device)),
    into: chain.devices.map((_, device) => best(({ to }) => to === device)),
  };
}

/** Those that what leaves the unit depends on, in topological order. */
function neededGroups(
  graph: Graph,
  groups: readonly FoldGroup[],
  leaving: readonly number[],
): readonly FoldGroup[] {
  const wanted = new Set(leaving);
  const needed: FoldGroup[] = [];
  for (const group of groups.toReversed()) {
    if (!group.outputs.some((tensor) => wanted.has(tensor))) continue;
    needed.push(group);
    for (const node of group.nodes) for (const input of graph.nodes[node]?.inputs ?? []) wanted.add(input);
  }
  return needed.reverse();
}

function longestPath(groups: readonly FoldGroup[], seconds: readonly number[]): number {
  const ready = new Map<number, number>();
  let longest = 0;
  for (const [at, { inputs, outputs }] of groups.entries()) {
    const start = inputs.reduce((latest, tensor) => Math.max(latest, ready.get(tensor) ?? 0), 0);
    const end = start + (seconds[at] ?? 0);
    for (const tensor of outputs) ready.set(tensor, end);
    longest = Math.max(longest, end);
  }
  return longest;
}

function groupsOfUnits(
  graph: Graph,
  units: readonly (readonly NodeId[])[],
): readonly (readonly FoldGroup[])[] {
  const unitOf = new Int32Array(graph.nodes.length);
  for (const [unit, nodes] of units.entries()) for (const node of nodes) unitOf[node] = unit;
  const groups: FoldGroup[][] = units.map(() => []);
  for (const group of foldGroups(graph)) groups[unitOf[group.root] ?? 0]?.push(group);
  return groups;
}
