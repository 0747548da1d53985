import type { DeviceId } from '../cluster/cluster.ts';
import { elements } from '../graph/elements.ts';
import type { Graph } from '../graph/graph.ts';
import type { Stage } from '../plan/plan.ts';

/** A device and how much it is given, in proportion to the others'. */
export interface Share {
  readonly device: DeviceId;
  /** >= 0 */
  readonly weight: number;
}

/**
 * The chain of the graph's elements in consecutive pieces, one a share in their order, as many elements in each as its weight says
 * (largest remainders; ties to the earlier). Elements count as one each, whatever work is in them. All weights 0: equal pieces.
 */
export function proportionalSplit(graph: Graph, shares: readonly Share[]): Stage[] {
  const chain = elements(graph);
  const counts = apportion(
    chain.length,
    shares.map(({ weight }) => weight),
  );
  let next = 0;
  return shares.map(({ device }, index) => {
    const piece = chain.slice(next, (next += counts[index] ?? 0));
    return { device, nodes: piece.flatMap(({ nodes }) => nodes) };
  });
}

/** `total` in whole numbers in proportion to `weights`: Hamilton's method. */
export function apportion(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const exact = weights.map((weight) => (sum > 0 ? (total * weight) / sum : total / weights.length));
  const counts = exact.map(Math.floor);
  const byRemainder = [...exact.keys()].sort(
    (left, right) => remainder(exact, right) - remainder(exact, left) || left - right,
  );
  const left = total - counts.reduce((all, count) => all + count, 0);
  for (const index of byRemainder.slice(0, left)) counts[index] = (counts[index] ?? 0) + 1;
  return counts;
}

function remainder(exact: readonly number[], index: number): number {
  const value = exact[index] ?? 0;
  return value - Math.floor(value);
}
