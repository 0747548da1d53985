import type { Graph, NodeId } from '../graph/graph.ts';
import { type Bytes, bytes } from '../units.ts';

/**
 * What loading a stage holds beside its parameters at the worst moment. ONNX Runtime folds a batch normalisation into the weights of
 * its convolution, which no longer are a mapped file then, and afterwards writes all such weights once more in the layout of its
 * kernels (NCHWc, x86-64) before it frees the first ones, the largest through one more buffer. All other weights are packed from mapped
 * files, which the system can drop. `bench memory` holds this against measured peaks.
 */
export function rewrittenBytes(graph: Graph, nodes: readonly NodeId[]): Bytes {
  const { sum, largest } = rewrittenWeights(graph, nodes);
  return bytes(sum + largest);
}

/** Of the convolutions whose weights are written anew: all their parameters together, and those of the largest, in bytes. */
export function rewrittenWeights(
  graph: Graph,
  nodes: readonly NodeId[],
): { readonly sum: number; readonly largest: number } {
  const convolutions = new Set<NodeId>();
  for (const id of nodes) {
    const node = graph.nodes[id];
    if (node?.op !== 'BatchNormalization' || node.foldedInto === null) continue;
    if (graph.nodes[node.foldedInto]?.op === 'Conv') convolutions.add(node.foldedInto);
  }
  let sum = 0;
  let largest = 0;
  for (const id of convolutions) {
    const own = graph.nodes[id]?.parameterBytes ?? 0;
    sum += own;
    largest = Math.max(largest, own);
  }
  return { sum, largest };
}
