import type { ComputeTable } from '../../cost/cost-tables.ts';
import { type FoldGroup, foldGroups } from '../../graph/fold-groups.ts';
import type { Graph, NodeId, TensorId } from '../../graph/graph.ts';
import type { ChainCosts } from '../chain/chain-costs.ts';
import { type LeastCrossings, leastCrossings } from './least-crossings.ts';
import { type UnitTree, unitTree } from './unit-tree.ts';

/** A unit of the chain as bounds see it: what of it must run whatever the plan, and what that takes at the least. */
export interface RelaxedUnit {
  /** Those that what leaves the unit depends on, in topological order. */
  readonly groups: readonly FoldGroup[];
  /** [group × devices + device]: seconds. */
  readonly seconds: Float64Array;
  /** [device]: all groups on it. */
  readonly alone: Float64Array;
  /** [group]: bytes of parameters that no other group reads; the others may be there anyway. */
  readonly parameterBytes: Float64Array;
  /** The tensor that all readers outside of the unit before have to have; null where there are several. */
  readonly entry: TensorId | null;
  /** The tensor that leaves; null where there are several or none. */
  readonly exit: TensorId | null;
  /** What crosses where the unit is on several devices; null where that cannot be said, or there is nothing to part. */
  readonly crossings: LeastCrossings | null;
  /** Null where `crossings` are. */
  readonly tree: UnitTree | null;
}

/** The units of the chain; graph inputs count as one entry where there is one of them. O(nodes × devices). */
export function relaxedUnits(chain: ChainCosts, table: ComputeTable): readonly RelaxedUnit[] {
  const { graph } = chain.problem;
  const readers = readersOf(graph);
  return groupsOfUnits(graph, chain.units).map((all, unit) => {
    const groups = neededGroups(graph, all, chain.crossing(unit + 1));
    const seconds = secondsOf(groups, table);
    const alone = new Float64Array(table.devices.length);
    for (const [at, time] of seconds.entries())
      alone[at % alone.length] = (alone[at % alone.length] ?? 0) + time;
    const entry = onlyOf(chain.crossing(unit));
    const exit = onlyOf(chain.crossing(unit + 1));
    const ends = entry === null || exit === null || groups.length < 2 ? null : { entry };
    return {
      groups,
      seconds,
      alone,
      parameterBytes: Float64Array.from(groups, ({ nodes }) => ownBytes(graph, nodes, readers)),
      entry,
      exit,
      crossings: ends === null ? null : leastCrossings(groups, ends.entry, chain.index.tensorBytes),
      tree: ends === null ? null : unitTree(groups, ends.entry, chain.index.tensorBytes),
    };
  });
}

const onlyOf = (tensors: readonly TensorId[]): TensorId | null =>
  tensors.length === 1 ? (tensors[0] ?? null) : null;

function secondsOf(groups: readonly FoldGroup[], table: ComputeTable): Float64Array {
  const devices = table.devices.length;
  const seconds = new Float64Array(groups.length * devices);
  for (const [at, { nodes }] of groups.entries())
    for (let device = 0; device < devices; device++)
      for (const node of nodes)
        seconds[at * devices + device] =
          (seconds[at * devices + device] as number) + (table.seconds[device]?.[node] ?? 0);
  return seconds;
}

/** [parameter]: how many fold groups read it, at most 2. */
function readersOf(graph: Graph): Uint8Array {
  const readers = new Uint8Array(graph.parameters.length);
  const last = new Int32Array(graph.parameters.length).fill(-1);
  for (const { id, foldedInto, parameters } of graph.nodes)
    for (const parameter of parameters) {
      const root = foldedInto ?? id;
      if (last[parameter] !== root) readers[parameter] = Math.min(2, (readers[parameter] ?? 0) + 1);
      last[parameter] = root;
    }
  return readers;
}

function ownBytes(graph: Graph, nodes: readonly NodeId[], readers: Uint8Array): number {
  const own = new Set(nodes.flatMap((node) => graph.nodes[node]?.parameters ?? []));
  let sum = 0;
  for (const parameter of own) if (readers[parameter] === 1) sum += graph.parameters[parameter]?.bytes ?? 0;
  return sum;
}

function neededGroups(
  graph: Graph,
  groups: readonly FoldGroup[],
  leaving: readonly TensorId[],
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
