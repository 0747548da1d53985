import { type FoldGroup, groupProducers } from './fold-groups.ts';
import type { Graph, TensorId } from './graph.ts';

/**
 * The groups in a topological order in which side branches (early exits, second outputs: what the deepest output does not depend
 * on) run as soon as they can, so that they do not keep tensors alive beside the main path. O(V+E).
 */
export function sweepOrder(graph: Graph, groups: readonly FoldGroup[]): readonly FoldGroup[] {
  const producers = groupProducers(graph, groups);
  const isMain = mainPath(graph, groups, producers);
  if (isMain.every((flag) => flag === 1)) return groups;
  const place = new Int32Array(groups.length);
  for (const { index } of groups) {
    const latest = (producers[index] ?? []).reduce(
      (last, producer) => Math.max(last, place[producer] ?? 0),
      -1,
    );
    place[index] = isMain[index] === 1 ? index : latest;
  }
  const rank = (group: FoldGroup): number =>
    (place[group.index] ?? 0) + (isMain[group.index] === 1 ? 0 : 0.5);
  return [...groups].sort((left, right) => rank(left) - rank(right) || left.index - right.index);
}

/** 1 for each group that the output with the longest way from an input depends on. */
function mainPath(
  graph: Graph,
  groups: readonly FoldGroup[],
  producers: readonly (readonly number[])[],
): Uint8Array {
  const isMain = new Uint8Array(groups.length);
  const last = deepestOutput(graph, groups, producers);
  if (last === null) return isMain.fill(1);
  isMain[last] = 1;
  for (let index = last; index >= 0; index--) {
    if (isMain[index] === 1) for (const producer of producers[index] ?? []) isMain[producer] = 1;
  }
  return isMain;
}

/** The group that yields it; of equally deep outputs the one that the graph lists first. */
function deepestOutput(
  graph: Graph,
  groups: readonly FoldGroup[],
  producers: readonly (readonly number[])[],
): number | null {
  const yields = new Map<TensorId, number>();
  const depth = new Int32Array(groups.length);
  for (const { index, outputs } of groups) {
    for (const output of outputs) yields.set(output, index);
    depth[index] =
      1 + (producers[index] ?? []).reduce((most, producer) => Math.max(most, depth[producer] ?? 0), 0);
  }
  let deepest: number | null = null;
  for (const output of graph.outputs) {
    const index = yields.get(output);
    if (index === undefined) continue;
    if (deepest === null || (depth[index] ?? 0) > (depth[deepest] ?? 0)) deepest = index;
  }
  return deepest;
}
