import { UnsupportedError } from '../errors.ts';
import { cutRow } from './cut.ts';
import { type FoldGroup, foldGroups, groupProducers } from './fold-groups.ts';
import type { Cut, Graph, NodeId, TensorId } from './graph.ts';

/** Node ids in the whole answer, so that few but long cuts of a large graph do not exhaust memory. */
const largestAnswer = 2 ** 26;

/** Every cut (ideal of the precedence order), the empty and the whole one included, by size and then by node ids; as `eachCut`. */
export function allCuts(graph: Graph, limit: number = 65536): readonly Cut[] {
  return [...eachCut(graph, limit)].sort(bySizeThenNodes);
}

/**
 * The cuts one after the other, in no useful order, for callers that do something else in between. There can be 2^V: throws
 * UnsupportedError when there are more than `limit`, or when they would list more than 2^26 nodes.
 */
export function* eachCut(graph: Graph, limit: number = 65536): Generator<Cut> {
  const groups = foldGroups(graph);
  const mostCuts = Math.min(limit, Math.floor(largestAnswer / Math.max(1, groups.length)));
  let count = 0;
  for (const ideal of enumerateIdeals(groupProducers(graph, groups))) {
    if (count === mostCuts) throw tooMany(graph, mostCuts);
    count += 1;
    yield cutOfIdeal(graph, groups, ideal);
  }
}

/** Whether `allCuts` would answer; O(limit × groups that are ready at once), and far less than listing them. */
export function hasFewCuts(graph: Graph, limit: number): boolean {
  const groups = foldGroups(graph);
  const mostCuts = Math.min(limit, Math.floor(largestAnswer / Math.max(1, groups.length)));
  // The prefixes of the order alone are one more than the groups.
  if (groups.length >= mostCuts) return false;
  return countsUpTo(groupProducers(graph, groups), mostCuts);
}

/**
 * Whether there are at most `most` ideals. Each is counted once: of what is ready one after the other is added, and those before it are
 * left out for good. A stack of its own, because a path can be as long as the graph.
 */
function countsUpTo(producers: readonly (readonly number[])[], most: number): boolean {
  const consumers: number[][] = producers.map(() => []);
  for (const [index, list] of producers.entries())
    for (const producer of list) consumers[producer]?.push(index);
  const missing = Int32Array.from(producers, ({ length }) => length);
  const sources = [...producers.keys()].filter((index) => missing[index] === 0);
  const stack = [{ added: -1, ready: sources, next: 0 }];
  let count = 1;
  for (let top = stack.at(-1); top !== undefined && count <= most; top = stack.at(-1)) {
    const added = top.ready[top.next++];
    if (added === undefined) {
      stack.pop();
      for (const consumer of consumers[top.added] ?? []) missing[consumer] = (missing[consumer] ?? 0) + 1;
      continue;
    }
    count++;
    const ready = top.ready.slice(top.next);
    for (const consumer of consumers[added] ?? []) {
      const left = (missing[consumer] ?? 0) - 1;
      missing[consumer] = left;
      if (left === 0) ready.push(consumer);
    }
    stack.push({ added, ready, next: 0 });
  }
  return count <= most;
}

/**
 * Ideals as bit masks, each once: members are added in ascending order only, because every prefix of that order is an ideal too.
 * `ready` holds what may be added next.
 */
function* enumerateIdeals(producers: readonly (readonly number[])[]): Generator<bigint> {
  const bits = producers.map((_, index) => 1n << BigInt(index));
  const needs = producers.map((list) => list.reduce((mask, index) => mask | (bits[index] ?? 0n), 0n));
  const consumers: number[][] = producers.map(() => []);
  for (const [index, list] of producers.entries())
    for (const producer of list) consumers[producer]?.push(index);
  const sources = [...producers.keys()].filter((index) => needs[index] === 0n);
  const stack = [{ ideal: 0n, ready: sources }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    yield top.ideal;
    for (const [position, added] of top.ready.entries()) {
      const ideal = top.ideal | (bits[added] ?? 0n);
      const enabled = (consumers[added] ?? []).filter((next) => ((needs[next] ?? 0n) & ~ideal) === 0n);
      const ready = [...top.ready.slice(position + 1), ...enabled].sort((left, right) => left - right);
      stack.push({ ideal, ready });
    }
  }
}

function cutOfIdeal(graph: Graph, groups: readonly FoldGroup[], ideal: bigint): Cut {
  const bits = ideal.toString(2);
  const isIn = (index: number): boolean => bits[bits.length - 1 - index] === '1';
  const given = new Uint8Array(graph.tensors.length);
  for (const input of graph.inputs) given[input] = 1;
  const nodes: NodeId[] = [];
  for (const group of groups) {
    if (!isIn(group.index)) continue;
    nodes.push(...group.nodes);
    for (const output of group.outputs) given[output] = 1;
  }
  const boundary = new Set<TensorId>();
  for (const group of groups) {
    if (isIn(group.index)) continue;
    for (const input of group.inputs) if (given[input] === 1) boundary.add(input);
  }
  return cutRow(graph, nodes, boundary);
}

export function bySizeThenNodes(left: Cut, right: Cut): number {
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
