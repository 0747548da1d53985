import type { Graph, Node, NodeId } from '../../graph/graph.ts';
import type { Bytes, Flops } from '../../units.ts';
import { bytes, flops } from '../../units.ts';

/** Layers that kernels treat alike: what one costs a FLOP differs between the kinds, little within. */
export const layerKinds = ['convolution', 'pointwise', 'depthwise', 'matrix', 'other'] as const;
export type LayerKind = (typeof layerKinds)[number];

/** What all layers of one kind do together. */
export interface KindWork {
  readonly layers: number;
  readonly flops: Flops;
  /** Inputs, outputs and parameters, each layer's own. */
  readonly bytesMoved: Bytes;
}

/**
 * What a set of nodes does, without a name in it: all that a predictor may know of a network. Nodes that a runtime folds or fuses
 * into their producer (batch normalisation, dropout, an activation function) count with it.
 */
export interface SegmentWork {
  readonly kinds: Readonly<Record<LayerKind, KindWork>>;
  readonly parameterBytes: Bytes;
  /** Outputs of all layers. */
  readonly activationBytes: Bytes;
  /** The most that one layer moves. */
  readonly largestLayerBytes: Bytes;
}

/** One layer after fusion. */
export interface LayerWork {
  readonly kind: LayerKind;
  readonly flops: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly parameterBytes: number;
}

/** The sum of layers. */
export function workOfLayers(layers: readonly LayerWork[]): SegmentWork {
  const moved = layers.map((layer) => layer.inputBytes + layer.outputBytes + layer.parameterBytes);
  const ofKind = (kind: LayerKind): KindWork => {
    const own = layers.filter((layer) => layer.kind === kind);
    return {
      layers: own.length,
      flops: flops(own.reduce((sum, layer) => sum + layer.flops, 0)),
      bytesMoved: bytes(moved.reduce((sum, each, at) => sum + (layers[at]?.kind === kind ? each : 0), 0)),
    };
  };
  return {
    kinds: {
      convolution: ofKind('convolution'),
      pointwise: ofKind('pointwise'),
      depthwise: ofKind('depthwise'),
      matrix: ofKind('matrix'),
      other: ofKind('other'),
    },
    parameterBytes: bytes(layers.reduce((sum, layer) => sum + layer.parameterBytes, 0)),
    activationBytes: bytes(layers.reduce((sum, layer) => sum + layer.outputBytes, 0)),
    largestLayerBytes: bytes(moved.reduce((most, each) => Math.max(most, each), 0)),
  };
}

/** What `nodes` of a graph do, any set of them. O(nodes). */
export function segmentWork(graph: Graph, nodes: readonly NodeId[]): SegmentWork {
  const works = layersOf(graph, nodes);
  return workOfLayers(works.flatMap((work) => (work === null ? [] : [work])));
}

/** What each of `nodes` does as part of all of them; null where another one absorbs it. */
export function layersOf(graph: Graph, nodes: readonly NodeId[]): (LayerWork | null)[] {
  const member = new Set(nodes);
  return nodes.map((id) => {
    const node = graph.nodes[id];
    return node === undefined || isFused(graph, node, member) ? null : layerWork(graph, node);
  });
}

/** What runtimes apply while they write their producer's output. */
const activations: ReadonlySet<string> = new Set([
  'Clip',
  'HardSigmoid',
  'HardSwish',
  'LeakyRelu',
  'Relu',
  'Sigmoid',
  'Tanh',
]);

function isFused(graph: Graph, node: Node, member: ReadonlySet<NodeId>): boolean {
  if (node.foldedInto !== null) return true;
  if (!activations.has(node.op)) return false;
  const [input] = node.inputs;
  const producer = input === undefined ? undefined : graph.tensors[input];
  if (producer === undefined || producer.producer === 'input') return false;
  return producer.consumers.length === 1 && member.has(producer.producer);
}

function layerWork(graph: Graph, node: Node): LayerWork {
  return {
    kind: kindOf(graph, node),
    flops: node.flops,
    inputBytes: tensorBytes(graph, node.inputs),
    outputBytes: tensorBytes(graph, node.outputs),
    parameterBytes: node.parameterBytes,
  };
}

const tensorBytes = (graph: Graph, tensors: readonly number[]): number =>
  tensors.reduce((sum, tensor) => sum + (graph.tensors[tensor]?.bytes ?? 0), 0);

const matrixOperators: ReadonlySet<string> = new Set(['Gemm', 'MatMul', 'Einsum', 'LSTM', 'GRU', 'RNN']);

function kindOf(graph: Graph, node: Node): LayerKind {
  if (matrixOperators.has(node.op)) return 'matrix';
  if (node.op !== 'Conv' && node.op !== 'ConvTranspose') return 'other';
  const { group, kernel_shape: kernel } = node.attributes;
  const [input] = node.inputs;
  const channels = input === undefined ? undefined : graph.tensors[input]?.shape[1];
  if (typeof group === 'number' && group > 1 && group === channels) return 'depthwise';
  const pointwise = Array.isArray(kernel) && kernel.every((side) => side === 1);
  return pointwise ? 'pointwise' : 'convolution';
}
