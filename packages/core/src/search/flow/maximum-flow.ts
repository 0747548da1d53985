import { type FlowNetwork, requireNetwork } from './flow-network.ts';
import { sendToSink } from './maximum-preflow.ts';
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
 * By a maximum preflow (`sendToSink`), from which both extremal cuts can be read without making a flow of it. Capacities are doubles or
 * +∞; cuts within 10⁻¹² of the sum of the finite capacities count as equal. The same network gives the same answer. Throws
 * InvalidInputError for a malformed network.
 */
export function maximumFlow(network: FlowNetwork): MaximumFlow {
  requireNetwork(network);
  const arcs = residualArcs(network);
  const arrived = sendToSink(arcs);
  if (arrived > 1.5 * arcs.sum) return unbounded(network);
  const nearSource = nearestToSource(arcs, network);
  return { value: cutCapacity(network, nearSource), nearSource, nearSink: nearestToSink(arcs, network) };
}

/** What the arcs from the source's side (1) to the other can carry. */
export function cutCapacity({ tails, heads, capacities }: FlowNetwork, side: ArrayLike<number>): number {
  let sum = 0;
  for (let arc = 0; arc < tails.length; arc++)
    if (side[tails[arc] as number] === 1 && side[heads[arc] as number] !== 1)
      sum += capacities[arc] as number;
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

/**
 * The source and what is reached along arcs with room from any vertex with excess. That is what the source reaches in a maximum flow:
 * such a flow is had by taking each excess back along the paths on which it came. A vertex of such a path can be reached from its end against
 * the flow now, and from the source along the flow afterwards; all arcs of which the room changes lie between such vertices.
 */
function nearestToSource(arcs: ResidualArcs, { vertices, source }: FlowNetwork): Uint8Array {
  const { first, heads, residuals, excesses, nothing } = arcs;
  const marks = new Uint8Array(vertices);
  const stack: number[] = [];
  marks[source] = 1;
  for (let vertex = 0; vertex < vertices; vertex++) {
    if ((excesses[vertex] as number) <= nothing) continue;
    marks[vertex] = 1;
    stack.push(vertex);
  }
  for (let vertex = stack.pop(); vertex !== undefined; vertex = stack.pop()) {
    for (let arc = first[vertex] as number; arc < (first[vertex + 1] as number); arc++) {
      const head = heads[arc] as number;
      if (marks[head] === 1 || (residuals[arc] as number) <= nothing) continue;
      marks[head] = 1;
      stack.push(head);
    }
  }
  return marks;
}

/** All but the sink and what reaches it along arcs with room. Taking excesses back changes none of these arcs. */
function nearestToSink(arcs: ResidualArcs, { vertices, sink }: FlowNetwork): Uint8Array {
  const { first, heads, twins, residuals, drains, nothing } = arcs;
  const marks = new Uint8Array(vertices).fill(1);
  const stack: number[] = [];
  marks[sink] = 0;
  for (let vertex = 0; vertex < vertices; vertex++) {
    if ((drains[vertex] as number) <= nothing) continue;
    marks[vertex] = 0;
    stack.push(vertex);
  }
  for (let vertex = stack.pop(); vertex !== undefined; vertex = stack.pop()) {
    for (let arc = first[vertex] as number; arc < (first[vertex + 1] as number); arc++) {
      const head = heads[arc] as number;
      if (marks[head] === 0 || (residuals[twins[arc] as number] as number) <= nothing) continue;
      marks[head] = 0;
      stack.push(head);
    }
  }
  return marks;
}
