import { type FoldGroup, groupProducers } from '../../graph/fold-groups.ts';
import type { Graph } from '../../graph/graph.ts';
import { chainUnits } from '../chain/chain-units.ts';

/**
 * What may move together, as positions of groups: every group; stretches of a unit in which each group is the only reader of the one before
 * (branches); units, and runs of 2, 4, 8, … of them at every half of their length.
 */
export function movableSets(graph: Graph, groups: readonly FoldGroup[]): readonly (readonly number[])[] {
  const units = groupsOfUnits(graph, groups);
  const producers = groupProducers(graph, groups);
  const sets = [
    ...groups.map(({ index }) => [index]),
    ...units.flatMap((unit) => branchesOf(producers, unit)),
  ];
  for (let length = 1; length < 2 * units.length; length *= 2)
    for (let first = 0; first < units.length; first += Math.max(1, length / 2))
      sets.push(units.slice(first, first + length).flat());
  const known = new Map(sets.map((set) => [set.join(), set]));
  return [...known.values()].filter(({ length }) => length > 0);
}

function groupsOfUnits(graph: Graph, groups: readonly FoldGroup[]): readonly (readonly number[])[] {
  const unitOf = new Int32Array(graph.nodes.length);
  const units = chainUnits(graph);
  for (const [unit, nodes] of units.entries()) for (const node of nodes) unitOf[node] = unit;
  const parts: number[][] = units.map(() => []);
  for (const { index, root } of groups) parts[unitOf[root] ?? 0]?.push(index);
  return parts;
}

function branchesOf(producers: readonly (readonly number[])[], unit: readonly number[]): number[][] {
  const readers = new Map<number, number>();
  for (const group of unit)
    for (const from of producers[group] ?? []) readers.set(from, (readers.get(from) ?? 0) + 1);
  const branches = new Map<number, number[]>();
  for (const group of unit) {
    const [from, ...others] = producers[group] ?? [];
    const branch =
      from === undefined || others.length > 0 || readers.get(from) !== 1 ? undefined : branches.get(from);
    if (branch === undefined) branches.set(group, [group]);
    else {
      branch.push(group);
      branches.set(group, branch);
    }
  }
  return [...new Set(branches.values())].filter(({ length }) => length > 1);
}
