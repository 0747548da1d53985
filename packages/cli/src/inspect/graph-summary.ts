import {
  type Graph,
  type Node,
  type NodeId,
  parameterBytesOf,
  peakActivation,
  singleTensorCuts,
  type TensorId,
} from '@tandem/core';

/** What `inspect` tells about a model. */
export interface GraphSummary {
  readonly model: string;
  readonly opset: number;
  readonly layers: readonly LayerSummary[];
  readonly inputs: readonly EndSummary[];
  readonly outputs: readonly EndSummary[];
  /** Learned elements; constants and running statistics are bytes only. */
  readonly parameters: number;
  readonly parameterBytes: number;
  readonly flops: number;
  readonly singleTensorCuts: number;
  /** Parameters and the most that the activations need at one time. */
  readonly peakMemoryBytes: number;
}

export interface LayerSummary {
  readonly name: string;
  readonly op: string;
  /** Of the first output. */
  readonly shape: readonly number[];
  readonly outputBytes: number;
  readonly flops: number;
  /** Learned elements, shared ones at each of their readers. */
  readonly parameters: number;
  /** The next layer is counted and placed together with this one. */
  readonly folded: boolean;
  /** Everything after this layer needs its output and nothing else. */
  readonly cutAfter: boolean;
}

export interface EndSummary {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
}

/** Counts what a graph holds; layers in the graph's order. Bytes and FLOPs are of one run at the bound shapes. */
export function summariseGraph(graph: Graph): GraphSummary {
  const cuts = singleTensorCuts(graph);
  const cutTensors = new Set(cuts.flatMap(({ boundary }) => boundary));
  const everyNode = graph.nodes.map(({ id }) => id);
  const parameterBytes = parameterBytesOf(graph, everyNode);
  return {
    model: graph.name,
    opset: graph.opset,
    layers: graph.nodes.map((node) => layerOf(graph, node, cutTensors)),
    inputs: graph.inputs.map((id) => endOf(graph, id)),
    outputs: graph.outputs.map((id) => endOf(graph, id)),
    parameters: sum(graph.parameters.filter(({ learned }) => learned).map(({ elements }) => elements)),
    parameterBytes,
    flops: sum(graph.nodes.map(({ flops }) => flops)),
    singleTensorCuts: cuts.length,
    peakMemoryBytes: parameterBytes + peakActivation(graph, everyNode),
  };
}

function layerOf(graph: Graph, node: Node, cutTensors: ReadonlySet<TensorId>): LayerSummary {
  const outputs = node.outputs.flatMap((id) => graph.tensors[id] ?? []);
  const learned = node.parameters.flatMap((id) => graph.parameters[id] ?? []).filter((row) => row.learned);
  return {
    name: node.name,
    op: node.op,
    shape: outputs[0]?.shape ?? [],
    outputBytes: sum(outputs.map(({ bytes }) => bytes)),
    flops: node.flops,
    parameters: sum(learned.map(({ elements }) => elements)),
    folded: isFoldedOnward(graph, node),
    cutAfter: node.outputs.some((id) => cutTensors.has(id)),
  };
}

function isFoldedOnward(graph: Graph, node: Node): boolean {
  const consumers = node.outputs.flatMap((id) => graph.tensors[id]?.consumers ?? []);
  const root = groupOf(graph, node.id);
  return consumers.length > 0 && consumers.every((id) => groupOf(graph, id) === root);
}

function groupOf(graph: Graph, id: NodeId): NodeId {
  const into = graph.nodes[id]?.foldedInto ?? null;
  return into === null ? id : groupOf(graph, into);
}

function endOf(graph: Graph, id: TensorId): EndSummary {
  const tensor = graph.tensors[id];
  return { name: tensor?.name ?? '', type: tensor?.type ?? '', shape: tensor?.shape ?? [] };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
