import type { Graph, Node, NodeId, Tensor } from '../../graph/graph.ts';

/** Operators whose time follows the same few sizes. */
export const layerClasses = [
  'convolution',
  'depthwise',
  'matrix',
  'window',
  'elementwise',
  'rowwise',
  'move',
] as const;
export type LayerClass = (typeof layerClasses)[number];

/** One layer as a runtime runs it, with what it absorbs: sizes only, no name of a network, node or tensor. */
export interface LayerShape {
  readonly kind: LayerClass;
  readonly operator: string;
  readonly flops: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly parameterBytes: number;
  /** Activations that are read. */
  readonly inputs: number;
  /** Channels (for matrices: the inner length) in and out, and the groups that they fall into. */
  readonly channels: number;
  readonly out: number;
  readonly groups: number;
  /** Rows and columns of the output's map; for matrices the rows, and 1. */
  readonly height: number;
  readonly width: number;
  /** Products of one shape that are made one after another: attention heads times batch. */
  readonly repeats: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly stride: number;
  /** An activation function that is applied while the output is written. */
  readonly activation: string;
  /** Bytes that come from and go to layers of the same set which keep channels in blocks: they need no reordering. */
  readonly keptInputBytes: number;
  readonly keptOutputBytes: number;
  /** Bytes that layers of the same set read, whatever their layout: nobody copies them out. */
  readonly innerBytes: number;
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

const classes: Readonly<Record<string, LayerClass>> = {
  Conv: 'convolution',
  ConvTranspose: 'convolution',
  Gemm: 'matrix',
  MatMul: 'matrix',
  Einsum: 'matrix',
  MaxPool: 'window',
  AveragePool: 'window',
  GlobalAveragePool: 'window',
  GlobalMaxPool: 'window',
  LRN: 'window',
  Softmax: 'rowwise',
  LogSoftmax: 'rowwise',
  LayerNormalization: 'rowwise',
  ReduceMean: 'rowwise',
  Erf: 'rowwise',
  Gelu: 'rowwise',
  Concat: 'move',
  Transpose: 'move',
  Split: 'move',
  Slice: 'move',
  Gather: 'move',
  Expand: 'move',
  Pad: 'move',
  Resize: 'move',
};

/** Operators that only rename what lies in memory. */
const views: ReadonlySet<string> = new Set([
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'Identity',
  'Dropout',
  'Shape',
]);

/** What of a set of nodes runs as a layer of its own, in the graph's order; the rest is fused or moves nothing. O(nodes). */
export function layerShapes(graph: Graph, nodes: readonly NodeId[]): LayerShape[] {
  const members = new Set(nodes);
  const absorbed = absorbedNodes(graph, members);
  return [...members].flatMap((id) => {
    const node = graph.nodes[id];
    const runs = node !== undefined && !absorbed.has(id) && !views.has(node.op);
    return runs ? [shapeOf(graph, node, members, absorbed)] : [];
  });
}

/** By node, the activation function or other part that its producer absorbs. */
function absorbedNodes(graph: Graph, members: ReadonlySet<NodeId>): ReadonlySet<NodeId> {
  const absorbed = new Set<NodeId>();
  for (const id of members) {
    const node = graph.nodes[id];
    if (node === undefined) continue;
    if (node.foldedInto !== null) absorbed.add(id);
    else if (activations.has(node.op) && producerWithin(graph, node, members) !== null) absorbed.add(id);
    else if (isBias(graph, node, members) || isResidual(graph, node, members)) absorbed.add(id);
    else if (node.op === 'Erf') for (const part of geluParts(graph, node)) absorbed.add(part);
  }
  return absorbed;
}

/** A sum with weights right after a product of matrices. */
function isBias(graph: Graph, node: Node, members: ReadonlySet<NodeId>): boolean {
  if (node.op !== 'Add' || node.inputs.length !== 1 || node.parameters.length === 0) return false;
  return producerWithin(graph, node, members)?.op === 'MatMul';
}

/** A sum of two maps that a convolution adds while it writes one of them. */
function isResidual(graph: Graph, node: Node, members: ReadonlySet<NodeId>): boolean {
  if (node.op !== 'Add' || node.inputs.length !== 2) return false;
  return node.inputs.some((id) => {
    const tensor = graph.tensors[id];
    if (tensor?.consumers.length !== 1 || tensor.producer === 'input') return false;
    const producer = graph.nodes[tensor.producer];
    return members.has(tensor.producer) && (producer?.op === 'Conv' || producer?.op === 'BatchNormalization');
  });
}

/** The node of the set that alone feeds `node` and feeds nothing else. */
function producerWithin(graph: Graph, node: Node, members: ReadonlySet<NodeId>): Node | null {
  const tensor = graph.tensors[node.inputs[0] ?? -1];
  if (tensor === undefined || tensor.producer === 'input' || tensor.consumers.length !== 1) return null;
  return members.has(tensor.producer) ? (graph.nodes[tensor.producer] ?? null) : null;
}

/** x/2 · (1 + erf(x/√2)) spelt out around its Erf is one kernel. */
function geluParts(graph: Graph, erf: Node): NodeId[] {
  const before = graph.tensors[erf.inputs[0] ?? -1]?.producer;
  const parts = typeof before === 'number' && graph.nodes[before]?.op === 'Div' ? [before] : [];
  let last: Node = erf;
  for (const op of ['Add', 'Mul', 'Mul']) {
    const consumers = graph.tensors[last.outputs[0] ?? -1]?.consumers ?? [];
    const next = graph.nodes[consumers[0] ?? -1];
    if (consumers.length !== 1 || next?.op !== op) break;
    parts.push(next.id);
    last = next;
  }
  return parts;
}

function shapeOf(
  graph: Graph,
  node: Node,
  members: ReadonlySet<NodeId>,
  absorbed: ReadonlySet<NodeId>,
): LayerShape {
  const inputs = tensorsOf(graph, node.inputs);
  const output = lastOf(graph, node, absorbed);
  const kind = classes[node.op] ?? 'elementwise';
  const sizes = kind === 'matrix' ? matrixSizes(node, inputs, output) : mapSizes(node, inputs, output);
  return {
    kind: kind === 'convolution' && sizes.groups > 1 && sizes.groups === sizes.channels ? 'depthwise' : kind,
    operator: node.op,
    flops: node.flops,
    inputBytes: sum(inputs),
    outputBytes: sum(tensorsOf(graph, node.outputs)),
    parameterBytes: node.parameterBytes,
    inputs: inputs.length,
    ...sizes,
    activation: activationOf(graph, node, absorbed),
    ...keptBytes(graph, inputs, output, members, absorbed),
  };
}

const tensorsOf = (graph: Graph, ids: readonly number[]): Tensor[] =>
  ids.flatMap((id) => graph.tensors[id] ?? []);

const sum = (tensors: readonly Tensor[]): number => tensors.reduce((total, { bytes }) => total + bytes, 0);

/** The layer's output after everything that it absorbs. */
function lastOf(graph: Graph, node: Node, absorbed: ReadonlySet<NodeId>): Tensor | undefined {
  const own = graph.tensors[node.outputs[0] ?? -1];
  const next = graph.nodes[own?.consumers[0] ?? -1];
  const passesOn = own?.consumers.length === 1 && next !== undefined && absorbed.has(next.id);
  return passesOn && next.op !== 'Div' ? lastOf(graph, next, absorbed) : own;
}

function activationOf(graph: Graph, node: Node, absorbed: ReadonlySet<NodeId>): string {
  const consumers = graph.tensors[node.outputs[0] ?? -1]?.consumers ?? [];
  const next = graph.nodes[consumers[0] ?? -1];
  if (consumers.length !== 1 || next === undefined || !absorbed.has(next.id)) return '';
  return activations.has(next.op) ? next.op : activationOf(graph, next, absorbed);
}

type Sizes = Pick<
  LayerShape,
  'channels' | 'out' | 'groups' | 'height' | 'width' | 'repeats' | 'kernelHeight' | 'kernelWidth' | 'stride'
>;

function mapSizes({ attributes }: Node, inputs: readonly Tensor[], output: Tensor | undefined): Sizes {
  const shape = output?.shape ?? [];
  const map = shape.length === 4;
  const [kernelHeight = 1, kernelWidth = kernelHeight] = numbers(attributes['kernel_shape']);
  const { group } = attributes;
  return {
    channels: map ? (inputs[0]?.shape[1] ?? 1) : (inputs[0]?.shape.at(-1) ?? 1),
    out: (map ? shape[1] : shape.at(-1)) ?? 1,
    groups: typeof group === 'number' ? group : 1,
    height: map ? (shape[2] ?? 1) : product(shape.slice(0, -1)),
    width: map ? (shape[3] ?? 1) : 1,
    repeats: 1,
    kernelHeight,
    kernelWidth,
    stride: numbers(attributes['strides'])[0] ?? 1,
  };
}

/** Two activations: a product for each leading index. One: all rows by the same weights. */
function matrixSizes(_node: Node, inputs: readonly Tensor[], output: Tensor | undefined): Sizes {
  const shape = output?.shape ?? [];
  const stacked = inputs.length > 1 ? product(shape.slice(0, -2)) : 1;
  return {
    channels: inputs[0]?.shape.at(-1) ?? 1,
    out: shape.at(-1) ?? 1,
    groups: 1,
    height: product(shape.slice(0, -1)) / stacked,
    width: 1,
    repeats: stacked,
    kernelHeight: 1,
    kernelWidth: 1,
    stride: 1,
  };
}

const product = (values: readonly number[]): number => values.reduce((total, value) => total * value, 1);

const numbers = (value: Node['attributes'][string] | undefined): readonly number[] =>
  Array.isArray(value) ? value.flatMap((each) => (typeof each === 'number' ? [each] : [])) : [];

/** Convolution kernels read and write channels in blocks, and what lies between them stays so. */
const blocked: ReadonlySet<string> = new Set([
  'Add',
  'AveragePool',
  'BatchNormalization',
  'Clip',
  'Concat',
  'Conv',
  'GlobalAveragePool',
  'HardSigmoid',
  'MaxPool',
  'Mul',
  'Relu',
  'Sigmoid',
]);

function keptBytes(
  graph: Graph,
  inputs: readonly Tensor[],
  output: Tensor | undefined,
  members: ReadonlySet<NodeId>,
  absorbed: ReadonlySet<NodeId>,
): Pick<LayerShape, 'keptInputBytes' | 'keptOutputBytes' | 'innerBytes'> {
  const isKept = (id: NodeId | 'input'): boolean => {
    if (id === 'input' || !members.has(id)) return false;
    const node = graph.nodes[id];
    return node !== undefined && (blocked.has(node.op) || absorbed.has(id)) && node.op !== 'Erf';
  };
  const before = inputs.filter(({ producer }) => isKept(producer));
  const after = output !== undefined && output.consumers.some((id) => isKept(id)) ? [output] : [];
  const inner = output !== undefined && output.consumers.some((id) => members.has(id)) ? output.bytes : 0;
  return { keptInputBytes: sum(before), keptOutputBytes: sum(after), innerBytes: inner };
}
