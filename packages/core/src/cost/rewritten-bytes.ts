import { convolvesInBlocks } from '../graph/convolves-in-blocks.ts';
import type { Graph, Node, NodeId } from '../graph/graph.ts';
import { parameterBytesOf } from '../graph/stage-boundary.ts';
import { type Bytes, bytes } from '../units.ts';

/** Weights of convolutions that ONNX Runtime (1.30, x86-64) writes anew while it loads a run of nodes, in bytes. */
export interface RewrittenWeights {
  /** Weights into which a batch normalisation is folded: no mapped file holds them any more. */
  readonly folded: number;
  /** Weights that are afterwards written in the layout of its kernels (NCHWc). */
  readonly reordered: number;
  /** The most that the second pass holds beside the folded weights. */
  readonly peak: number;
}

export const nothingRewritten: RewrittenWeights = Object.freeze({ folded: 0, reordered: 0, peak: 0 });

/**
 * What loading a stage holds beside its parameters at the worst moment. ONNX Runtime first folds batch normalisations into the weights of
 * their convolutions. Then it goes through the convolutions in order: it copies the weights, writes the copy in blocks of channels, writes
 * the blocks into a message and that into a tensor, which alone stays. So each convolution holds its weights four times, while the tensors
 * of those before it are there already and all folded weights still are: they go at the end of the pass. What does not convolve comes
 * last, from mapped files, which the system can drop. Read from traces of its mmap calls; `bench memory` holds it against measured peaks.
 */
export function rewrittenBytes(graph: Graph, nodes: readonly NodeId[]): Bytes {
  return beyondParameters(rewrittenWeights(graph, nodes), parameterBytesOf(graph, nodes));
}

/** The same for weights of `rewrittenWeights` and distinct parameters of so many bytes. */
export function beyondParameters({ folded, peak }: RewrittenWeights, parameterBytes: number): Bytes {
  return bytes(Math.max(0, folded + peak - parameterBytes));
}

export function rewrittenWeights(graph: Graph, nodes: readonly NodeId[]): RewrittenWeights {
  const normalised = new Set<NodeId>();
  for (const id of nodes) {
    const node = graph.nodes[id];
    if (node?.op === 'BatchNormalization' && node.foldedInto !== null) normalised.add(node.foldedInto);
  }
  let all = nothingRewritten;
  for (const id of [...nodes].sort((left, right) => left - right)) {
    const node = graph.nodes[id];
    if (node?.op === 'Conv') all = joinedWeights(all, weightsOf(graph, node, normalised.has(id)));
  }
  return all;
}

/** Of two runs of nodes, the second after the first. */
export function joinedWeights(first: RewrittenWeights, second: RewrittenWeights): RewrittenWeights {
  return {
    folded: first.folded + second.folded,
    reordered: first.reordered + second.reordered,
    peak: Math.max(first.peak, first.reordered + second.peak),
  };
}

function weightsOf(graph: Graph, node: Node, isNormalised: boolean): RewrittenWeights {
  const own = node.parameterBytes;
  const reordered = isReordered(graph, node) ? own : 0;
  return { folded: isNormalised ? own : 0, reordered, peak: copies * reordered };
}

/** Only convolutions of maps of float32 have such kernels. */
function isReordered(graph: Graph, node: Node): boolean {
  const [input] = node.inputs.map((id) => graph.tensors[id]);
  const [output] = node.outputs.map((id) => graph.tensors[id]);
  const { group = 1 } = node.attributes;
  if (input?.type !== 'float32' || input.shape.length !== 4 || typeof group !== 'number') return false;
  return convolvesInBlocks({ channels: input.shape[1] ?? 0, out: output?.shape[1] ?? 0, groups: group });
}

/** The copy, its blocks, the message and the tensor. */
const copies = 4;
