import { elementBits } from '../onnx/model.ts';
import type { Graph, Node, NodeId, Tensor, TensorId } from './graph.ts';

const mostFaults = 100;

/**
 * What is wrong with a graph, one sentence a fault, at most 100; empty = valid. Checked: ids are positions, nodes are in
 * topological order, producers and consumers agree with what nodes read and yield, sizes agree with shapes, folded nodes read
 * nothing but what their root yields, and every list is free of repetitions.
 */
export function validateGraph(graph: Graph): readonly string[] {
  const faults = [
    ...graph.tensors.flatMap((tensor, id) => tensorFaults(graph, tensor, id)),
    ...graph.nodes.flatMap((node, id) => nodeFaults(graph, node, id)),
    ...graph.parameters.flatMap(({ id }, index) =>
      id === index ? [] : [`Parameter ${index} says that its id is ${id}.`],
    ),
    ...listFaults('The graph', 'input', graph.inputs, graph.tensors.length),
    ...listFaults('The graph', 'output', graph.outputs, graph.tensors.length),
  ];
  if (graph.outputs.length === 0) faults.push('The graph has no output.');
  return faults.slice(0, mostFaults);
}

function tensorFaults(graph: Graph, tensor: Tensor, id: TensorId): string[] {
  const faults: string[] = [];
  const label = `Tensor ${id} ('${tensor.name}')`;
  if (tensor.id !== id) faults.push(`${label} says that its id is ${tensor.id}.`);
  const elements = tensor.shape.reduce((product, size) => product * size, 1);
  const size = Math.ceil((elements * elementBits[tensor.type]) / 8);
  if (tensor.bytes !== size)
    faults.push(`${label} has ${tensor.bytes} bytes, expected ${size} for its shape.`);
  const { producer } = tensor;
  if (producer === 'input' && !graph.inputs.includes(id)) {
    faults.push(`${label} is an input that the graph does not list.`);
  }
  if (producer !== 'input' && !graph.nodes[producer]?.outputs.includes(id)) {
    faults.push(`${label} names node ${producer} as its producer, which does not yield it.`);
  }
  faults.push(...listFaults(label, 'consumer', tensor.consumers, graph.nodes.length));
  for (const consumer of tensor.consumers) {
    if (!graph.nodes[consumer]?.inputs.includes(id))
      faults.push(`${label} names consumer ${consumer}, which does not read it.`);
  }
  if (tensor.consumers.some((consumer, index) => consumer <= (tensor.consumers[index - 1] ?? -1))) {
    faults.push(`${label} lists its consumers out of order.`);
  }
  return faults;
}

function nodeFaults(graph: Graph, node: Node, id: NodeId): string[] {
  const label = `Node ${id} ('${node.name}')`;
  const faults = [
    ...listFaults(label, 'input', node.inputs, graph.tensors.length),
    ...listFaults(label, 'output', node.outputs, graph.tensors.length),
    ...listFaults(label, 'parameter', node.parameters, graph.parameters.length),
  ];
  if (node.id !== id) faults.push(`${label} says that its id is ${node.id}.`);
  for (const input of node.inputs) {
    const tensor = graph.tensors[input];
    if (tensor === undefined) continue;
    if (!tensor.consumers.includes(id))
      faults.push(`${label} reads tensor ${input}, which does not list it as a consumer.`);
    if (tensor.producer !== 'input' && tensor.producer >= id) {
      faults.push(`${label} reads tensor ${input} before node ${tensor.producer} yields it.`);
    }
  }
  for (const output of node.outputs) {
    if (graph.tensors[output]?.producer !== id)
      faults.push(`${label} yields tensor ${output}, which names another producer.`);
  }
  const size = node.parameters.reduce((sum, parameter) => sum + (graph.parameters[parameter]?.bytes ?? 0), 0);
  if (size !== node.parameterBytes)
    faults.push(`${label} has ${node.parameterBytes} bytes of parameters, expected ${size}.`);
  return [...faults, ...foldFaults(graph, node, label)];
}

function foldFaults(graph: Graph, { foldedInto, inputs }: Node, label: string): string[] {
  if (foldedInto === null) return [];
  const root = graph.nodes[foldedInto];
  if (root === undefined || root.foldedInto !== null) {
    return [`${label} is folded into node ${foldedInto}, which is not a node that stands alone.`];
  }
  const [input] = inputs;
  const producer = input === undefined ? undefined : graph.tensors[input]?.producer;
  const isInGroup =
    typeof producer === 'number' &&
    (producer === foldedInto || graph.nodes[producer]?.foldedInto === foldedInto);
  if (inputs.length === 1 && isInGroup) return [];
  return [`${label} is folded into node ${foldedInto} but reads something that this node does not yield.`];
}

function listFaults(label: string, what: string, list: readonly number[], limit: number): string[] {
  const faults = list
    .filter((id) => !(Number.isInteger(id) && id >= 0 && id < limit))
    .map((id) => `${label} lists ${what} ${id}, which does not exist.`);
  if (new Set(list).size !== list.length) faults.push(`${label} lists the same ${what} twice.`);
  return faults;
}
