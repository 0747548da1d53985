import type { FlowNetwork } from './flow-network.ts';

/** Differences below this share of the sum of the finite capacities count as none: sums of doubles that should tie then do. */
const tolerance = 1e-12;

/**
 * A preflow in a network: what each arc between inner vertices still carries, what has arrived at each vertex from the source and not left
 * it, and what each still gives to the sink. Arcs into the source and out of the sink are left out: no least cut counts them.
 */
export interface ResidualArcs {
  /** The arcs that leave vertex v are first[v] … first[v + 1] − 1; every arc has a twin in the other direction. */
  readonly first: Int32Array;
  readonly heads: Int32Array;
  readonly twins: Int32Array;
  /** What more each arc can carry. */
  readonly residuals: Float64Array;
  readonly excesses: Float64Array;
  readonly drains: Float64Array;
  /** Sum of the finite capacities. */
  readonly sum: number;
  /** A residual or an excess up to this is none. */
  readonly nothing: number;
}

/**
 * With every arc from the source filled; an unlimited one brings twice what all limited arcs can carry, which is more than any finite cut
 * lets through. O(vertices + arcs).
 */
export function residualArcs(network: FlowNetwork): ResidualArcs {
  const { vertices, source, sink, tails, heads, capacities } = network;
  const sum = finiteSum(capacities);
  const plenty = sum === 0 ? 1 : 2 * sum;
  const excesses = new Float64Array(vertices);
  const drains = new Float64Array(vertices).fill(Number.POSITIVE_INFINITY, sink, sink + 1);
  const first = new Int32Array(vertices + 1);
  for (let arc = 0; arc < tails.length; arc++) {
    const [tail, head, capacity] = [tails[arc] as number, heads[arc] as number, capacities[arc] as number];
    if (tail === head || head === source || tail === sink) continue;
    if (tail === source) excesses[head] = (excesses[head] as number) + Math.min(capacity, plenty);
    else if (head === sink) drains[tail] = (drains[tail] as number) + capacity;
    else {
      first[tail] = (first[tail] as number) + 1;
      first[head] = (first[head] as number) + 1;
    }
  }
  return { ...sortedArcs(network, first), excesses, drains, sum, nothing: sum * tolerance };
}

function finiteSum(capacities: ArrayLike<number>): number {
  let sum = 0;
  for (let arc = 0; arc < capacities.length; arc++) {
    const capacity = capacities[arc] as number;
    if (capacity !== Number.POSITIVE_INFINITY) sum += capacity;
  }
  return sum;
}

/** A counting sort of the inner arcs and their twins by the vertex that they leave; `first` comes as how many leave each. */
function sortedArcs(
  { source, sink, tails, heads, capacities }: FlowNetwork,
  first: Int32Array,
): Pick<ResidualArcs, 'first' | 'heads' | 'twins' | 'residuals'> {
  let count = 0;
  for (let vertex = 0; vertex < first.length; vertex++) first[vertex] = count += first[vertex] as number;
  const sorted = new Int32Array(count);
  const twins = new Int32Array(count);
  const residuals = new Float64Array(count);
  for (let arc = tails.length - 1; arc >= 0; arc--) {
    const [tail, head] = [tails[arc] as number, heads[arc] as number];
    if (tail === head || tail === source || head === source || tail === sink || head === sink) continue;
    const there = (first[tail] = (first[tail] as number) - 1);
    const back = (first[head] = (first[head] as number) - 1);
    sorted[there] = head;
    sorted[back] = tail;
    twins[there] = back;
    twins[back] = there;
    residuals[there] = capacities[arc] as number;
  }
  return { first, heads: sorted, twins, residuals };
}
