import type { Graph, Node } from '@tandem/core';
import { type LittleModel, type Step, titleOf } from './little-model.ts';
import type { Network } from './networks.ts';

/** A kernel and the families of the networks in which it occurs. */
export interface NetworkKernel {
  readonly little: LittleModel;
  readonly families: ReadonlySet<string>;
}

/** Every kernel of the networks that a little model can stand for, once, with the activation function that follows it. */
export function networkKernels(networks: readonly Network[]): NetworkKernel[] {
  const found = new Map<string, { little: LittleModel; families: Set<string> }>();
  for (const { graph, family } of networks) {
    for (const node of graph.nodes) {
      const little = littleOf(graph, node);
      if (little === null) continue;
      const title = titleOf(little);
      const known = found.get(title) ?? { little, families: new Set() };
      known.families.add(family);
      found.set(title, known);
    }
  }
  return [...found.values()];
}

function littleOf(graph: Graph, node: Node): LittleModel | null {
  const inputs = node.inputs.map((id) => [...(graph.tensors[id]?.shape ?? [])]);
  const step = stepOf(graph, node);
  if (step === null || inputs.length === 0) return null;
  const after = activationAfter(graph, node);
  const from = inputs.length === 1 ? {} : { from: inputs.map((_, index) => index) };
  return { inputs, steps: [{ ...step, ...from }, ...(after === null ? [] : [{ op: after }])] };
}

function stepOf(graph: Graph, node: Node): Step | null {
  const out = graph.tensors[node.outputs[0] ?? -1]?.shape ?? [];
  const square = numbers(node.attributes['kernel_shape']);
  const stride = numbers(node.attributes['strides'])[0] ?? 1;
  switch (node.op) {
    case 'Conv':
      return convolutionStep(node, out, stride);
    case 'Gemm':
      return { op: 'Gemm', out: out[1] ?? 1 };
    case 'MatMul':
      return node.inputs.length === 2 ? { op: 'MatMul' } : { op: 'Dense', out: out.at(-1) ?? 1 };
    case 'MaxPool':
    case 'AveragePool':
      return square[0] === undefined ? null : { op: node.op, kernel: square[0], stride };
    case 'Add':
    case 'Concat':
      return node.inputs.length >= 2 && out.length === 4 ? { op: node.op } : null;
    case 'GlobalAveragePool':
    case 'LayerNormalization':
    case 'Softmax':
      return { op: node.op };
    default:
      return null;
  }
}

function convolutionStep({ attributes }: Node, out: readonly number[], stride: number): Step | null {
  const [high, wide] = numbers(attributes['kernel_shape']);
  const { group = 1 } = attributes;
  return high === undefined || wide === undefined || typeof group !== 'number'
    ? null
    : { op: 'Conv', out: out[1] ?? 1, kernel: [high, wide], stride, groups: group };
}

const numbers = (value: Node['attributes'][string] | undefined): readonly number[] =>
  Array.isArray(value) ? value.flatMap((each) => (typeof each === 'number' ? [each] : [])) : [];

/** What alone reads the node's output, batch normalisation passed over. */
function activationAfter(graph: Graph, node: Node): 'Relu' | 'Clip' | null {
  const consumers = graph.tensors[node.outputs[0] ?? -1]?.consumers ?? [];
  const next = consumers.length === 1 ? graph.nodes[consumers[0] ?? -1] : undefined;
  if (next === undefined) return null;
  if (next.foldedInto !== null) return activationAfter(graph, next);
  return next.op === 'Relu' || next.op === 'Clip' ? next.op : null;
}
