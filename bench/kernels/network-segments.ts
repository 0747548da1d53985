import { type NodeId, type Random, singleTensorCuts } from '@tandem/core';
import type { Network } from './networks.ts';

/** Consecutive nodes between two single-tensor cuts, or between one and an end. */
export interface NetworkSegment {
  readonly network: Network;
  readonly nodes: readonly NodeId[];
}

/** The whole network and `count` of its segments at most, their lengths log-uniform. */
export function networkSegments(network: Network, count: number, random: Random): NetworkSegment[] {
  const all = network.graph.nodes.map(({ id }) => id);
  const ends = [[], ...singleTensorCuts(network.graph).map(({ nodes }) => nodes), all];
  const found = new Map([[`0-${ends.length - 1}`, all]]);
  for (let draw = 0; draw < 10 * count && found.size <= count; draw++) {
    const length = Math.floor((ends.length - 1) ** random.next());
    const first = random.integer(ends.length - length);
    const before = new Set(ends[first]);
    const nodes = (ends[first + length] ?? []).filter((id) => !before.has(id));
    if (nodes.some((id) => (network.graph.nodes[id]?.flops ?? 0) > 0))
      found.set(`${first}-${first + length}`, nodes);
  }
  return [...found.values()].map((nodes) => ({ network, nodes }));
}
