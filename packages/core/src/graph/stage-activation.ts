import { type Bytes, bytes } from '../units.ts';
import { arenaBytes, mostArenaBytes } from './arena.ts';
import { anew, blockRules } from './block-rules.ts';
import type { Graph, NodeId, TensorId } from './graph.ts';
import { plannedBlocks } from './planned-blocks.ts';
import { type StageBoundary, stageBoundary } from './stage-boundary.ts';

/**
 * Bytes of activations and workspace that nodes hold which run as one stage in the graph's order, again and again: what they receive
 * and give away in buffers of its own, all else in ONNX Runtime's arena, which keeps what it took. Never less than what is live at
 * one time, operators working in place where the runtime's do. Parameters are not included. `boundary` is that of the nodes. O(V+E).
 */
export function stageActivation(
  graph: Graph,
  nodes: readonly NodeId[],
  boundary: StageBoundary = stageBoundary(graph, nodes),
): Bytes {
  const { inputs, outputs } = boundary;
  const ascending = [...nodes].sort((left, right) => left - right);
  const border = bytesOf(graph, inputs) + bytesOf(graph, outputs);
  return bytes(border + arenaBytes(plannedBlocks(graph, ascending, outputs)));
}

/** No stage that runs these nodes, and perhaps others, has less: what the node that holds most reads and makes. O(V+E). */
export function leastActivation(graph: Graph, nodes: readonly NodeId[]): Bytes {
  const { writes } = blockRules(graph);
  let least = 0;
  for (const id of nodes) {
    const { inputs = [], outputs = [] } = graph.nodes[id] ?? {};
    const read = inputs.reduce((most, tensor) => Math.max(most, bytesOf(graph, [tensor])), 0);
    const made = bytesOf(graph, outputs);
    least = Math.max(least, writes[id] === anew ? read + made : Math.max(read, made));
  }
  return bytes(least);
}

/** No stage has more: every tensor lies in a buffer or a block of its own. O(V). */
export function mostActivation(graph: Graph): Bytes {
  const sizes = graph.tensors.map((tensor) => tensor.bytes);
  return bytes(mostArenaBytes([...sizes, ...graph.nodes.map(({ workspaceBytes }) => workspaceBytes)]));
}

function bytesOf(graph: Graph, tensors: readonly TensorId[]): number {
  return tensors.reduce((sum, tensor) => sum + (graph.tensors[tensor]?.bytes ?? 0), 0);
}
