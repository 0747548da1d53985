import { UnsupportedError } from '../errors.ts';
import { cutRow } from './cut.ts';
import { type FoldGroup, foldGroups, groupProducers } from './fold-groups.ts';
import type { Cut, Graph, NodeId, TensorId } from './graph.ts';

/**
 * Every cut (ideal of the precedence order), the empty and the whole one included, by size and then by node ids. There can be
 * 2^V: throws UnsupportedError when there are more than `limit`.
 *
 * An ideal is reached exactly once by adding its groups in ascending order, because every prefix of that order is an ideal too.
 */
export function allCuts(graph: Graph, limit: number = 65536): readonly Cut[] {
  const groups = foldGroups(graph);
  const needs = groupProducers(graph, groups).map((producers) => maskOf(producers));
  const ideals: bigint[] = [];
  const stack = [{ ideal: 0n, next: 0 }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    if (ideals.length === limit) throw tooMany(graph, limit);
    ideals.push(top.ideal);
    for (let index = top.next; index < groups.length; index++) {
      const need = needs[index] ?? 0n;
      if ((need & top.ideal) === need)
        stack.push({ ideal: top.ideal | (1n << BigInt(index)), next: index + 1 });
    }
  }
  return ideals.map((ideal) => cutOfIdeal(graph, groups, ideal)).sort(bySizeThenNodes);
}

function maskOf(indices: readonly number[]): bigint {
  return indices.reduce((mask, index) => mask | (1n << BigInt(index)), 0n);
}

function cutOfIdeal(graph: Graph, groups: readonly FoldGroup[], ideal: bigint): Cut {
  const bits = ideal.toString(2);
  const isIn = (index: number): boolean => bits[bits.length - 1 - index] === '1';
  const given = new Set<TensorId>(graph.inputs);
  const nodes: NodeId[] = [];
  for (const group of groups) {
    if (!isIn(group.index)) continue;
    nodes.push(...group.nodes);
    for (const output of group.outputs) given.add(output);
  }
  const boundary = new Set<TensorId>();
  for (const group of groups) {
    if (isIn(group.index)) continue;
    for (const input of group.inputs) if (given.has(input)) boundary.add(input);
  }
  return cutRow(graph, nodes, boundary);
}

function bySizeThenNodes(left: Cut, right: Cut): number {
  const shorter = left.nodes.length - right.nodes.length;
  if (shorter !== 0) return shorter;
  const at = left.nodes.findIndex((node, index) => node !== right.nodes[index]);
  return at < 0 ? 0 : (left.nodes[at] ?? 0) - (right.nodes[at] ?? 0);
}

function tooMany(graph: Graph, limit: number): UnsupportedError {
  return new UnsupportedError(
    `the graph '${graph.name}' with ${graph.nodes.length} nodes has more than ${limit} cuts`,
    'Use a planner that does not enumerate all cuts, or raise the limit if memory allows.',
  );
}
