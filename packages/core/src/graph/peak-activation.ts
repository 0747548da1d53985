import { type Bytes, bytes } from '../units.ts';
import type { Graph, Node, NodeId, TensorId } from './graph.ts';
import { nodeSet } from './node-set.ts';
import { type StageBoundary, stageBoundary } from './stage-boundary.ts';

/**
 * Most bytes of activations and workspace that are held at once while the nodes run in the graph's order. All incoming tensors
 * are there from the start; outgoing ones stay to the end, awaiting their transmission. Operators are not assumed to work in
 * place, so this bounds what a runtime that reuses buffers needs. Parameters are not included. `boundary` is that of the nodes. O(V+E).
 */
export function peakActivation(
  graph: Graph,
  nodes: readonly NodeId[],
  boundary: StageBoundary = stageBoundary(graph, nodes),
): Bytes {
  const members = nodeSet(graph, nodes);
  const kept = new Set(boundary.outputs);
  const waiting = localReads(graph, members);
  const size = (tensor: TensorId): number => graph.tensors[tensor]?.bytes ?? 0;
  let live = boundary.inputs.reduce((sum, tensor) => sum + size(tensor), 0);
  let peak = live;
  for (const id of [...members].sort((left, right) => left - right)) {
    const node = graph.nodes[id] as Node;
    for (const output of node.outputs) live += size(output);
    peak = Math.max(peak, live + node.workspaceBytes);
    for (const input of node.inputs) {
      const left = (waiting.get(input) ?? 1) - 1;
      waiting.set(input, left);
      if (left === 0 && !kept.has(input)) live -= size(input);
    }
    for (const output of node.outputs) if (!waiting.has(output) && !kept.has(output)) live -= size(output);
  }
  return bytes(peak);
}

/** How many of the nodes read each tensor. */
function localReads(graph: Graph, members: ReadonlySet<NodeId>): Map<TensorId, number> {
  const reads = new Map<TensorId, number>();
  for (const id of members) {
    for (const input of graph.nodes[id]?.inputs ?? []) reads.set(input, (reads.get(input) ?? 0) + 1);
  }
  return reads;
}
