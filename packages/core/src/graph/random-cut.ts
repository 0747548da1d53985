import type { Random } from '../random.ts';
import { cutRow, nodesOf } from './cut.ts';
import { type FoldGroup, foldGroups, groupProducers } from './fold-groups.ts';
import type { Cut, Graph } from './graph.ts';
import { graphLiveness } from './liveness.ts';

export interface RandomCutOptions {
  /** Least number of tensors that cross. @default 2 */
  readonly minimumTensors?: number;
}

/** How many random orders are tried before the answer is that there is no such cut. */
const attempts = 32;

/**
 * A random inner cut with at least `minimumTensors` on its boundary: a random position of a random topological order. Null when
 * 32 orders hold none, as in a chain.
 */
export function randomCut(graph: Graph, random: Random, options: RandomCutOptions = {}): Cut | null {
  const groups = foldGroups(graph);
  const least = options.minimumTensors ?? 2;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const order = randomOrder(graph, groups, random);
    const positions = positionsWith(graph, order, least);
    if (positions.length === 0) continue;
    const ran = order.slice(0, positions[random.integer(positions.length)]);
    const liveness = graphLiveness(graph, groups);
    for (const group of ran) liveness.run(group);
    return cutRow(graph, nodesOf(ran), liveness.live);
  }
  return null;
}

/** Numbers of groups, at least one and not all, after which `least` tensors or more are live. */
function positionsWith(graph: Graph, order: readonly FoldGroup[], least: number): number[] {
  const liveness = graphLiveness(graph, order);
  const positions: number[] = [];
  for (const [index, group] of order.entries()) {
    liveness.run(group);
    if (index + 1 < order.length && liveness.live.size >= least) positions.push(index + 1);
  }
  return positions;
}

function randomOrder(graph: Graph, groups: readonly FoldGroup[], random: Random): FoldGroup[] {
  const producers = groupProducers(graph, groups);
  const consumers: number[][] = groups.map(() => []);
  for (const [index, list] of producers.entries())
    for (const producer of list) consumers[producer]?.push(index);
  const waiting = producers.map((list) => list.length);
  const ready = groups.filter((group) => waiting[group.index] === 0);
  const order: FoldGroup[] = [];
  while (ready.length > 0) {
    const [group] = ready.splice(random.integer(ready.length), 1);
    if (group === undefined) break;
    order.push(group);
    for (const next of consumers[group.index] ?? []) {
      const left = (waiting[next] ?? 0) - 1;
      waiting[next] = left;
      const follower = groups[next];
      if (left === 0 && follower !== undefined) ready.push(follower);
    }
  }
  return order;
}
