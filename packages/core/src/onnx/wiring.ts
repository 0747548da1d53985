import { InvalidInputError } from '../errors.ts';
import { dependence, initializerNames, modelInputs, type NodeDependence } from './dependence.ts';
import type { GraphProto } from './model.ts';

/** Who yields and who reads which tensor of a graph. */
export interface Wiring {
  readonly graph: GraphProto;
  /** One entry a node. */
  readonly needs: readonly NodeDependence[];
  /** The node that yields a tensor. */
  readonly producer: ReadonlyMap<string, number>;
  readonly initializers: ReadonlySet<string>;
  /** Inputs that a caller feeds. */
  readonly inputs: ReadonlySet<string>;
  /** Indices of all nodes, each after those that it reads from; the graph's own order where that is one. */
  readonly order: readonly number[];
}

/** Throws InvalidInputError where a tensor has two producers or none, or nodes wait for each other in a circle. */
export function wiringOf(graph: GraphProto): Wiring {
  const needs = dependence(graph);
  const initializers = initializerNames(graph);
  const inputs = new Set(modelInputs(graph).map((input) => input.name));
  const producer = producersOf(graph, initializers, inputs);
  refuseUnyielded(graph, needs, (name) => producer.has(name) || initializers.has(name) || inputs.has(name));
  return { graph, needs, producer, initializers, inputs, order: topologicalOrder(graph, needs, producer) };
}

/** How messages call a node. */
export function nodeTitle(graph: GraphProto, index: number): string {
  const node = graph.nodes[index];
  return `node ${index} (${node?.opType ?? 'none'}${node?.name ? ` '${node.name}'` : ''})`;
}

function producersOf(
  graph: GraphProto,
  initializers: ReadonlySet<string>,
  inputs: ReadonlySet<string>,
): ReadonlyMap<string, number> {
  const producer = new Map<string, number>();
  graph.nodes.forEach((node, index) => {
    for (const output of node.outputs) {
      if (output === '') continue;
      const other = producer.get(output);
      if (other !== undefined) throw producedTwice(output, nodeTitle(graph, other), nodeTitle(graph, index));
      if (initializers.has(output)) throw producedTwice(output, 'an initializer', nodeTitle(graph, index));
      if (inputs.has(output)) throw producedTwice(output, 'a graph input', nodeTitle(graph, index));
      producer.set(output, index);
    }
  });
  if (initializers.size < graph.initializers.length) throw repeatedInitializer(graph);
  return producer;
}

function producedTwice(tensor: string, first: string, second: string): InvalidInputError {
  return new InvalidInputError(
    `tensor '${tensor}' is yielded twice: by ${first} and by ${second}`,
    'Give every tensor its own name: export the model again.',
  );
}

function repeatedInitializer(graph: GraphProto): InvalidInputError {
  const seen = new Set<string>();
  const repeated = graph.initializers.find(({ name }) => seen.size === seen.add(name).size);
  return producedTwice(repeated?.name ?? '', 'an initializer', 'another initializer');
}

function refuseUnyielded(
  graph: GraphProto,
  needs: readonly NodeDependence[],
  exists: (name: string) => boolean,
): void {
  for (const [index, { reads }] of needs.entries()) {
    const missing = reads.find((name) => !exists(name));
    if (missing !== undefined) throw unyielded(nodeTitle(graph, index), missing);
  }
  const output = graph.outputs.find(({ name }) => !exists(name));
  if (output) throw unyielded("the graph's list of outputs", output.name);
}

function unyielded(reader: string, tensor: string): InvalidInputError {
  return new InvalidInputError(
    `${reader} names tensor '${tensor}', which no node, initializer or input of the model yields`,
    'An initializer or node is missing: export the model again, with its weights.',
  );
}

/** Kahn's algorithm, O(nodes + edges), taking ready nodes in the graph's order. */
function topologicalOrder(
  graph: GraphProto,
  needs: readonly NodeDependence[],
  producer: ReadonlyMap<string, number>,
): number[] {
  const predecessors = needs.map(({ reads }) => distinctProducers(reads, producer));
  if (predecessors.every((sources, index) => sources.every((source) => source < index)))
    return graph.nodes.map((_, index) => index);
  const waiting = predecessors.map((sources) => sources.length);
  const successors = graph.nodes.map((): number[] => []);
  predecessors.forEach((sources, index) => {
    for (const source of sources) successors[source]?.push(index);
  });
  const order = waiting.flatMap((count, index) => (count === 0 ? [index] : []));
  for (let next = 0; next < order.length; next++) {
    for (const successor of successors[order[next] ?? 0] ?? []) {
      const left = (waiting[successor] ?? 0) - 1;
      waiting[successor] = left;
      if (left === 0) order.push(successor);
    }
  }
  if (order.length === graph.nodes.length) return order;
  throw cyclic(
    graph,
    waiting.findIndex((count) => count > 0),
  );
}

function cyclic(graph: GraphProto, index: number): InvalidInputError {
  return new InvalidInputError(
    `${nodeTitle(graph, index)} lies on or behind a circle of nodes that wait for each other`,
    'A model must be free of cycles: export it again.',
  );
}

function distinctProducers(reads: readonly string[], producer: ReadonlyMap<string, number>): number[] {
  const found = reads.map((name) => producer.get(name)).filter((index) => index !== undefined);
  return [...new Set(found)];
}
