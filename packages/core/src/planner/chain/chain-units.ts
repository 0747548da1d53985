import { elementNodes } from '../../graph/elements.ts';
import type { Graph, NodeId, TensorId } from '../../graph/graph.ts';

/**
 * The graph as a chain of units, consecutive elements each, ascending nodes. Between two neighbours only tensors cross that the second
 * one reads up; only the first reads graph inputs and only the last yields graph outputs, for which elements at the ends are taken together.
 */
export function chainUnits(graph: Graph): readonly (readonly NodeId[])[] {
  const chain = elementNodes(graph);
  const unitOf = new Int32Array(graph.nodes.length);
  for (const [unit, nodes] of chain.entries()) for (const node of nodes) unitOf[node] = unit;
  const joined = new Uint8Array(chain.length);
  const join = (first: number, end: number): void => {
    for (let unit = first; unit < end; unit++) joined[unit] = 1;
  };
  for (const { producer, consumers } of graph.tensors) {
    const last = consumers.reduce((most, node) => Math.max(most, unitOf[node] ?? 0), 0);
    join(producer === 'input' ? 1 : (unitOf[producer] ?? 0) + 2, last + 1);
  }
  for (const output of graph.outputs) {
    const producer = graph.tensors[output]?.producer;
    if (typeof producer === 'number') join((unitOf[producer] ?? 0) + 1, chain.length);
  }
  const units: NodeId[][] = [];
  for (const [unit, nodes] of chain.entries()) {
    const open = joined[unit] === 1 ? units.at(-1) : undefined;
    if (open === undefined) units.push([...nodes]);
    else open.push(...nodes);
  }
  return units.map((nodes) => nodes.sort((left, right) => left - right));
}

/**
 * At most `most` units: neighbours taken together so that each has about as many operations. A unit belongs to the piece in which
 * the middle of its operations lies.
 */
export function mergedUnits(
  graph: Graph,
  units: readonly (readonly NodeId[])[],
  most: number,
): readonly (readonly NodeId[])[] {
  if (units.length <= most) return units;
  const work = units.map((nodes) => nodes.reduce((sum, node) => sum + (graph.nodes[node]?.flops ?? 0), 0));
  const total = work.reduce((sum, value) => sum + value, 0);
  const merged: NodeId[][] = [];
  let before = 0;
  let open = -1;
  for (const [unit, nodes] of units.entries()) {
    const share = total > 0 ? (before + (work[unit] ?? 0) / 2) / total : unit / units.length;
    const piece = Math.min(most - 1, Math.floor(share * most));
    if (piece > open) merged.push([...nodes]);
    else merged.at(-1)?.push(...nodes);
    open = piece;
    before += work[unit] ?? 0;
  }
  return merged.map((nodes) => nodes.sort((left, right) => left - right));
}

/** What crosses in front of a unit that is not the first; of the first, the graph inputs that are read; at the end, the graph outputs. */
export function crossingTensors(
  graph: Graph,
  units: readonly (readonly NodeId[])[],
): readonly (readonly TensorId[])[] {
  const unitOf = new Int32Array(graph.nodes.length);
  for (const [unit, nodes] of units.entries()) for (const node of nodes) unitOf[node] = unit;
  const crossing: TensorId[][] = units.map(() => []);
  for (const { id, producer, consumers } of graph.tensors) {
    const from = producer === 'input' ? -1 : (unitOf[producer] ?? 0);
    if (consumers.some((node) => (unitOf[node] ?? 0) > from)) crossing[from + 1]?.push(id);
  }
  return [...crossing, graph.outputs];
}
