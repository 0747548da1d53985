import { InvalidInputError, UnsupportedError } from '../errors.ts';
import type { ModelProto } from '../onnx/model.ts';
import type { AttributeValue, Graph, Node, NodeId, TensorId } from './graph.ts';
import { type GraphOptions, graphOf } from './graph-of.ts';

/** A prime that extents of models hardly have, so that what becomes this long is the batch. */
const probe = 13;

/**
 * Operators that keep the rows of a batch apart wherever the first dimension of all that they read and yield is the batch, and no other
 * dimension is: what they make of one row does not depend on the others. Those that order or add along an axis are looked at more closely.
 */
const rowwise = new Set(
  [
    'Abs Add And AveragePool BatchNormalization Cast Ceil Clip Concat Conv ConvTranspose DepthToSpace Div Dropout Elu Equal Erf Exp',
    'Flatten Floor Gather Gelu Gemm GlobalAveragePool GlobalMaxPool GroupNormalization HardSigmoid HardSwish Identity InstanceNormalization',
    'LRN LayerNormalization LeakyRelu Less Log LogSoftmax MatMul Max MaxPool Mean Min Mish Mul Neg PRelu Pow Reciprocal ReduceMax',
    'ReduceMean ReduceMin ReduceSum Relu Reshape Selu Sigmoid Softmax Softplus SpaceToDepth Split Sqrt Squeeze Sub Sum Swish Tanh',
    'Transpose Unsqueeze Where',
  ]
    .join(' ')
    .split(' '),
);
const alongAxis = new Set(['LayerNormalization', 'LogSoftmax', 'Softmax']);

/**
 * The nodes of `graph` (of `model`, at one row) that can work on the rows of several requests at once and give each what it gives it alone:
 * those whose shapes follow the batch, found by inferring the shapes of a wider one, and whose operators keep rows apart. None where the
 * model fixes its batch or its shapes cannot be inferred.
 */
export function batchableNodes(
  model: ModelProto,
  graph: Graph,
  options: GraphOptions = {},
): readonly NodeId[] {
  const wide = widened(model, options);
  if (wide === null || wide.nodes.length !== graph.nodes.length) return [];
  const shapes = new Map(wide.tensors.map(({ name, shape }) => [name, shape]));
  const following = new Set(
    graph.tensors
      .filter(({ name, shape }) => followsBatch(shape, shapes.get(name) ?? []))
      .map(({ id }) => id),
  );
  return graph.nodes.filter((node) => keepsRowsApart(node, graph, following)).map(({ id }) => id);
}

function widened(model: ModelProto, options: GraphOptions): Graph | null {
  try {
    return graphOf(model, { ...options, batch: probe });
  } catch (error) {
    if (error instanceof InvalidInputError || error instanceof UnsupportedError) return null;
    throw error;
  }
}

function followsBatch(one: readonly number[], many: readonly number[]): boolean {
  const [row, ...extents] = one;
  const [rows, ...others] = many;
  if (row !== 1 || rows !== probe || extents.length !== others.length) return false;
  return extents.every((extent, axis) => extent === others[axis]);
}

function keepsRowsApart(node: Node, { opset, tensors }: Graph, following: ReadonlySet<TensorId>): boolean {
  const { op, domain, inputs, outputs, attributes } = node;
  if ((domain !== '' && domain !== 'ai.onnx') || !rowwise.has(op)) return false;
  const yielded = outputs.filter((id) => tensors[id] !== undefined);
  if (![...inputs, ...yielded].every((id) => following.has(id))) return false;
  const ranks = new Set(inputs.map((id) => tensors[id]?.shape.length ?? 0));
  // Broadcasting lays the axes of tensors of several ranks upon each other from behind: the batch of one may meet a channel of another.
  if (ranks.size > 1) return false;
  if (op === 'BatchNormalization') return (attributes['training_mode'] ?? 0) === 0;
  // The batch would be taken apart, or pick from a table: only what one table picks from each row is simple.
  if (op === 'Gather') return inputs.length === 1 && axisOf(attributes['axis'], 0, ranks) > 0;
  if (!alongAxis.has(op)) return true;
  return axisOf(attributes['axis'], op !== 'LayerNormalization' && opset < 13 ? 1 : -1, ranks) > 0;
}

function axisOf(stated: AttributeValue | undefined, usual: number, [rank = 0]: Iterable<number>): number {
  const axis = typeof stated === 'number' ? stated : usual;
  return axis < 0 ? axis + rank : axis;
}
