import type { Graph, TensorId } from '@tandem/core';

/** What a device holds of the model while one node runs, when the nodes run in the graph's order. */
export interface MemoryPosition {
  readonly node: string;
  /** Distinct parameters of this node and all before it, in bytes. */
  readonly parameterBytes: number;
  /** Tensors held while it runs and its workspace, in bytes; graph inputs from the start, graph outputs to the end. */
  readonly activationBytes: number;
}

/** A position for each node, in order; the largest `activationBytes` is core's `peakActivation` of the whole graph. O(V+E). */
export function memoryCurve(graph: Graph): MemoryPosition[] {
  const size = (tensor: TensorId): number => graph.tensors[tensor]?.bytes ?? 0;
  const returned = new Set(graph.outputs);
  const waiting = new Map(graph.tensors.map(({ id, consumers }) => [id, consumers.length]));
  const known = new Set<number>();
  let parameters = 0;
  let live = graph.inputs.reduce((sum, id) => sum + (waiting.get(id) === 0 ? 0 : size(id)), 0);
  return graph.nodes.map((node) => {
    for (const id of node.parameters) {
      if (!known.has(id)) parameters += graph.parameters[id]?.bytes ?? 0;
      known.add(id);
    }
    for (const output of node.outputs) live += size(output);
    const position = {
      node: node.name,
      parameterBytes: parameters,
      activationBytes: live + node.workspaceBytes,
    };
    for (const input of node.inputs) {
      const left = (waiting.get(input) ?? 1) - 1;
      waiting.set(input, left);
      if (left === 0 && !returned.has(input)) live -= size(input);
    }
    for (const output of node.outputs)
      if (waiting.get(output) === 0 && !returned.has(output)) live -= size(output);
    return position;
  });
}

/** The first position at which most activations are held; null for a graph without nodes. */
export function activationPeak(curve: readonly MemoryPosition[]): MemoryPosition | null {
  return curve.reduce<MemoryPosition | null>(
    (most, position) => (most === null || position.activationBytes > most.activationBytes ? position : most),
    null,
  );
}
