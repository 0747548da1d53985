import type { Graph, Node, TensorId } from './graph.ts';

/** How a node's output gets its block. */
export const anew = 0;
/** That of an input of its form which nobody else reads any more. */
export const inPlace = 1;
/** That of its input: the output is the same bytes, or the runtime makes one node of the two. */
export const shared = 2;

/** What planning the blocks of any part of a graph looks at. */
export interface BlockRules {
  /** [node]: `anew`, `inPlace` or `shared`. */
  readonly writes: Uint8Array;
  /** [tensor]: the same number for the same shape and type. */
  readonly forms: Int32Array;
  /** [tensor]: what a convolution's output is added to, which the runtime lets it do by itself, in place; -1 = nothing. */
  readonly addends: Int32Array;
}

const views = new Set('Dropout Flatten Identity Reshape Squeeze Unsqueeze'.split(' '));
/** ONNX Runtime's kernels for CPUs write these over their input. */
const activations = new Set(
  'Clip Elu HardSigmoid LeakyRelu Relu Selu Sigmoid Softmax Softplus Softsign Tanh ThresholdedRelu'.split(
    ' ',
  ),
);
/** Scaling, bias and GELU are made of these with a constant, and each is one node to the runtime. */
const parts = new Set('Add Div Erf Mul Pow Sub'.split(' '));
const sums = new Set(['Add', 'Sum']);

/** Every stage of a graph looks at them, and graphs are frozen data. */
const known = new WeakMap<Graph, BlockRules>();

/** O(V+E), once for each graph. */
export function blockRules(graph: Graph): BlockRules {
  let rules = known.get(graph);
  if (rules === undefined) known.set(graph, (rules = rulesOf(graph)));
  return rules;
}

function rulesOf(graph: Graph): BlockRules {
  const forms = formsOf(graph);
  const writes = Uint8Array.from(graph.nodes, writeOf);
  const addends = new Int32Array(graph.tensors.length).fill(-1);
  for (const { id, op, inputs } of graph.nodes) {
    const [left, right] = inputs;
    if (!sums.has(op) || inputs.length !== 2 || left === undefined || right === undefined) continue;
    if (forms[left] !== forms[right]) continue;
    for (const [own, other] of [[left, right] as const, [right, left] as const]) {
      const convolved = convolvedInto(graph, own);
      if (convolved === null) continue;
      addends[convolved] = other;
      writes[id] = inPlace;
    }
  }
  return { writes, forms, addends };
}

function formsOf(graph: Graph): Int32Array {
  const numbers = new Map<string, number>();
  return Int32Array.from(graph.tensors, ({ type, shape }) => {
    const form = `${type} ${shape.join()}`;
    const number = numbers.get(form) ?? numbers.size;
    numbers.set(form, number);
    return number;
  });
}

function writeOf({ op, inputs, foldedInto }: Node): number {
  if (foldedInto !== null || views.has(op)) return shared;
  // Swish and GELU end in a product with their own input.
  if (activations.has(op) || op === 'Mul') return inPlace;
  return parts.has(op) && inputs.length === 1 ? inPlace : anew;
}

/** The output of the convolution that makes this tensor, perhaps through what is folded into it, if each is read once. */
function convolvedInto(graph: Graph, tensor: TensorId): TensorId | null {
  const { producer = 'input', consumers = [] } = graph.tensors[tensor] ?? {};
  const node = producer === 'input' ? undefined : graph.nodes[producer];
  if (node === undefined || consumers.length !== 1) return null;
  if (node.op === 'Conv') return tensor;
  const [input] = node.inputs;
  return node.foldedInto === null || input === undefined ? null : convolvedInto(graph, input);
}
