import { type FlowNetwork, requireNetwork } from './flow-network.ts';
import { type ResidualArcs, residualArcs } from './residual-arcs.ts';

/** A maximum flow by its value and the two extremal ones among the minimum cuts; on ties they differ. */
export interface MaximumFlow {
  /** The capacity of a minimum cut; +∞ where every cut has an arc that cannot be cut. */
  readonly value: number;
  /** 1 for each vertex on the source's side of the minimum cut nearest to the source: the fewest vertices. */
  readonly nearSource: Uint8Array;
  /** 1 for each vertex on the source's side of the minimum cut nearest to the sink: the most vertices. */
  readonly nearSink: Uint8Array;
}

/**
 * Dinic's algorithm (Dinic 1970): blocking flows along shortest augmenting paths. Capacities are doubles or +∞; cuts within
 * 10⁻¹² of the sum of the finite capacities count as equal. O(vertices² × arcs), far fewer on sparse graphs. The same network gives the
 * same answer. Throws InvalidInputError for a malformed network.
 */
export function maximumFlow(network: FlowNetwork): MaximumFlow {
  requireNetwork(network);
  const arcs = residualArcs(network);
  const { vertices, source, sink } = network;
  const levels = new Int32Array(vertices);
  while (assignLevels(arcs, levels, source, sink)) {
    if (!blockFlow(arcs, levels, source, sink)) return unbounded(network);
  }
  const nearSource = reached(arcs, vertices, source, 0);
  const nearSink = reached(arcs, vertices, sink, 1).map((reaches) => 1 - reaches);
  return { value: cutCapacity(network, nearSource), nearSource, nearSink };
}

/** What the arcs from the source's side (1) to the other can carry. */
export function cutCapacity({ tails, heads, capacities }: FlowNetwork, side: ArrayLike<number>): number {
  let sum = 0;
  for (let arc = 0; arc < tails.length; arc++)
    if (side[tails[arc] ?? 0] === 1 && side[heads[arc] ?? 0] !== 1) sum += capacities[arc] ?? 0;
  return sum;
}

/** All cuts tie, so the extremal ones are the source alone and all but the sink. */
function unbounded({ vertices, source, sink }: FlowNetwork): MaximumFlow {
  return {
    value: Number.POSITIVE_INFINITY,
    nearSource: new Uint8Array(vertices).fill(1, source, source + 1),
    nearSink: new Uint8Array(vertices).fill(1).fill(0, sink, sink + 1),
  };
}

/** The distance of each vertex from the source along arcs with room; −1 = not reached. Whether the sink is reached. */
function assignLevels(arcs: ResidualArcs, levels: Int32Array, source: number, sink: number): boolean {
  const { residuals, heads, leaving, first, nothing } = arcs;
  const queue = new Int32Array(levels.length);
  levels.fill(-1);
  levels[source] = 0;
  queue[0] = source;
  let length = 1;
  for (let position = 0; position < length; position++) {
    const vertex = queue[position] as number;
    for (let place = first[vertex] as number; place < (first[vertex + 1] as number); place++) {
      const arc = leaving[place] as number;
      const head = heads[arc] as number;
      if (levels[head] !== -1 || (residuals[arc] as number) <= nothing) continue;
      levels[head] = (levels[vertex] as number) + 1;
      queue[length++] = head;
    }
  }
  return levels[sink] !== -1;
}

/** Fills paths of ascending levels until none is left. False where a path has room without end. */
function blockFlow(arcs: ResidualArcs, levels: Int32Array, source: number, sink: number): boolean {
  const { heads, leaving, first } = arcs;
  const next = first.slice(0, levels.length);
  const path: number[] = [];
  let vertex = source;
  for (;;) {
    if (vertex === sink) {
      const kept = fillPath(arcs, path);
      if (kept < 0) return false;
      path.length = kept;
      vertex = kept === 0 ? source : (heads[path[kept - 1] as number] as number);
      continue;
    }
    advance(arcs, levels, next, vertex);
    const place = next[vertex] as number;
    if (place < (first[vertex + 1] as number)) {
      const arc = leaving[place] as number;
      path.push(arc);
      vertex = heads[arc] as number;
      continue;
    }
    const last = path.pop();
    if (last === undefined) return true;
    levels[vertex] = -1;
    vertex = heads[last ^ 1] as number;
  }
}

/** Moves a vertex on to its next arc that has room and leads one level further. */
function advance(arcs: ResidualArcs, levels: Int32Array, next: Int32Array, vertex: number): void {
  const { residuals, heads, leaving, first, nothing } = arcs;
  const end = first[vertex + 1] as number;
  const level = (levels[vertex] as number) + 1;
  let place = next[vertex] as number;
  while (place < end) {
    const arc = leaving[place] as number;
    if (levels[heads[arc] as number] === level && (residuals[arc] as number) > nothing) break;
    place += 1;
  }
  next[vertex] = place;
}

/** Sends along a path what its narrowest arc carries; the number of arcs before that one, or −1 where there is no narrowest. */
function fillPath({ residuals, nothing }: ResidualArcs, path: readonly number[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (const arc of path) least = Math.min(least, residuals[arc] as number);
  if (least === Number.POSITIVE_INFINITY) return -1;
  let kept = -1;
  for (const [index, arc] of path.entries()) {
    residuals[arc] = (residuals[arc] as number) - least;
    residuals[arc ^ 1] = (residuals[arc ^ 1] as number) + least;
    if (kept < 0 && (residuals[arc] as number) <= nothing) kept = index;
  }
  return kept;
}

/** 1 for each vertex that is reached from `start` along arcs with room, or, with `reversed` 1, that reaches it. */
function reached(arcs: ResidualArcs, vertices: number, start: number, reversed: 0 | 1): Uint8Array {
  const { residuals, heads, leaving, first, nothing } = arcs;
  const marks = new Uint8Array(vertices);
  const stack = [start];
  marks[start] = 1;
  for (let vertex = stack.pop(); vertex !== undefined; vertex = stack.pop()) {
    for (let place = first[vertex] as number; place < (first[vertex + 1] as number); place++) {
      const arc = leaving[place] as number;
      const head = heads[arc] as number;
      if (marks[head] === 1 || (residuals[arc ^ reversed] as number) <= nothing) continue;
      marks[head] = 1;
      stack.push(head);
    }
  }
  return marks;
}
