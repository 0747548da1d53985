import { type Bytes, bytes } from '../units.ts';
import type { Graph, Node, NodeId, TensorId } from './graph.ts';
import { nodeSet } from './node-set.ts';

/** What a stage receives and what it must give away; both ascending. */
export interface StageBoundary {
  /** Tensors that the stage reads and does not produce. */
  readonly inputs: readonly TensorId[];
  /** Tensors that the stage produces and that a node outside it reads, or that the graph returns. */
  readonly outputs: readonly TensorId[];
}

/** Throws InvalidInputError on an unknown node. */
export function stageBoundary(graph: Graph, nodes: readonly NodeId[]): StageBoundary {
  const members = nodeSet(graph, nodes);
  const returned = new Set(graph.outputs);
  const inputs = new Set<TensorId>();
  const outputs = new Set<TensorId>();
  for (const id of members) {
    const node = graph.nodes[id] as Node;
    for (const input of node.inputs) {
      const producer = graph.tensors[input]?.producer;
      if (producer === 'input' || producer === undefined || !members.has(producer)) inputs.add(input);
    }
    for (const output of node.outputs) {
      if (returned.has(output) || isReadOutside(graph, output, members)) outputs.add(output);
    }
  }
  return { inputs: ascending(inputs), outputs: ascending(outputs) };
}

/** Bytes of the distinct parameters that the nodes read: what a stage keeps in memory. */
export function parameterBytesOf(graph: Graph, nodes: readonly NodeId[]): Bytes {
  const parameters = new Set<number>();
  for (const id of nodeSet(graph, nodes)) {
    for (const parameter of graph.nodes[id]?.parameters ?? []) parameters.add(parameter);
  }
  let sum = 0;
  for (const parameter of parameters) sum += graph.parameters[parameter]?.bytes ?? 0;
  return bytes(sum);
}

function isReadOutside(graph: Graph, tensor: TensorId, members: ReadonlySet<NodeId>): boolean {
  return graph.tensors[tensor]?.consumers.some((consumer) => !members.has(consumer)) ?? false;
}

function ascending(values: Iterable<number>): number[] {
  return [...values].sort((left, right) => left - right);
}
