import type { FlowNetwork } from './flow-network.ts';

/** Differences below this share of the sum of the finite capacities count as none: sums of doubles that should tie then do. */
const tolerance = 1e-12;

/** Arc i of a network is arc 2i here, and 2i + 1 its reverse, so that `arc ^ 1` is the other of the two. */
export interface ResidualArcs {
  /** What more each arc can carry. */
  readonly residuals: Float64Array;
  readonly heads: Int32Array;
  /** The arcs that leave vertex v are leaving[first[v]] … leaving[first[v + 1] − 1]. */
  readonly leaving: Int32Array;
  readonly first: Int32Array;
  /** A residual up to this is none. */
  readonly nothing: number;
}

/** O(vertices + arcs). */
export function residualArcs({ vertices, tails, heads, capacities }: FlowNetwork): ResidualArcs {
  const count = 2 * tails.length;
  const arcs = {
    residuals: new Float64Array(count),
    heads: new Int32Array(count),
    leaving: new Int32Array(count),
    first: new Int32Array(vertices + 1),
  };
  let sum = 0;
  for (let arc = 0; arc < tails.length; arc++) {
    const capacity = capacities[arc] ?? 0;
    if (capacity !== Number.POSITIVE_INFINITY) sum += capacity;
    arcs.residuals[2 * arc] = capacity;
    arcs.heads[2 * arc] = heads[arc] ?? 0;
    arcs.heads[2 * arc + 1] = tails[arc] ?? 0;
  }
  sortByTail(arcs);
  return { ...arcs, nothing: sum * tolerance };
}

/** A counting sort of the arcs by the vertex that they leave, stable. */
function sortByTail({ heads, leaving, first }: Pick<ResidualArcs, 'heads' | 'leaving' | 'first'>): void {
  for (const head of heads) first[head + 1] = (first[head + 1] ?? 0) + 1;
  for (let vertex = 1; vertex < first.length; vertex++)
    first[vertex] = (first[vertex] ?? 0) + (first[vertex - 1] ?? 0);
  const next = first.slice();
  for (let arc = 0; arc < heads.length; arc++) {
    const tail = heads[arc ^ 1] ?? 0;
    const place = next[tail] ?? 0;
    leaving[place] = arc;
    next[tail] = place + 1;
  }
}
