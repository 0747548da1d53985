import { subgraphs } from './attributes.ts';
import type { GraphProto, NodeProto, ValueInfo } from './model.ts';
import { sparseInitializerNames } from './sparse-initializers.ts';

/** What a node needs from the graph around it. */
export interface NodeDependence {
  /** Names that the node's sub-graph bodies, nested ones too, read from outside; distinct, in order of first use. */
  readonly captured: readonly string[];
  /** Inputs and captured names, distinct, without the absent ''. */
  readonly reads: readonly string[];
  /** Depends on no real graph input and gives the same answer every time: computable once, ahead of any request. */
  readonly constant: boolean;
}

const randomOperators: ReadonlySet<string> = new Set([
  'RandomNormal',
  'RandomNormalLike',
  'RandomUniform',
  'RandomUniformLike',
  'Multinomial',
  'Bernoulli',
]);

/** One entry a node of `graph.nodes`. Names that nothing yields make their readers not constant. Linear in the graph's size. */
export function dependence(graph: GraphProto): NodeDependence[] {
  const captures = graph.nodes.map((node) => capturedNames(subgraphs(node)));
  const reads = graph.nodes.map((node, index) =>
    distinct([...node.inputs, ...(captures[index] ?? [])]).filter((name) => name !== ''),
  );
  const constant = constantNodes(graph, reads);
  return graph.nodes.map((_, index) => ({
    captured: captures[index] ?? [],
    reads: reads[index] ?? [],
    constant: constant[index] ?? false,
  }));
}

/** The inputs that a caller must feed: those that no initializer provides. */
export function modelInputs(graph: GraphProto): readonly ValueInfo[] {
  const provided = initializerNames(graph);
  return graph.inputs.filter((input) => !provided.has(input.name));
}

/** The names that initializers provide, sparse ones included. */
export function initializerNames(graph: GraphProto): Set<string> {
  const names = new Set(graph.initializers.map((tensor) => tensor.name));
  for (const name of sparseInitializerNames(graph)) names.add(name);
  return names;
}

function capturedNames(bodies: readonly GraphProto[]): readonly string[] {
  return distinct(bodies.flatMap((body) => namesFromOutside(body)));
}

function namesFromOutside(body: GraphProto): readonly string[] {
  const own = initializerNames(body);
  for (const input of body.inputs) own.add(input.name);
  for (const node of body.nodes) for (const output of node.outputs) own.add(output);
  const read = body.nodes.flatMap((node) => [...node.inputs, ...capturedNames(subgraphs(node))]);
  const all = [...read, ...body.outputs.map((output) => output.name)];
  return all.filter((name) => name !== '' && !own.has(name));
}

/** Starts from the nodes that read nothing unknown and follows what becomes known; nodes of a cycle are never reached. */
function constantNodes(graph: GraphProto, reads: readonly (readonly string[])[]): boolean[] {
  const known = initializerNames(graph);
  const waiting = reads.map((names) => names.filter((name) => !known.has(name)).length);
  const readers = readersOf(reads);
  const constant = graph.nodes.map(() => false);
  const ready = graph.nodes.map((_, index) => index).filter((index) => waiting[index] === 0);
  for (let index = ready.pop(); index !== undefined; index = ready.pop()) {
    const node = graph.nodes[index];
    if (!node || isRandom(node)) continue;
    constant[index] = true;
    for (const output of distinct(node.outputs)) {
      if (output === '' || known.has(output)) continue;
      known.add(output);
      for (const reader of readers.get(output) ?? []) {
        const left = (waiting[reader] ?? 0) - 1;
        waiting[reader] = left;
        if (left === 0) ready.push(reader);
      }
    }
  }
  return constant;
}

function readersOf(reads: readonly (readonly string[])[]): Map<string, number[]> {
  const readers = new Map<string, number[]>();
  reads.forEach((names, index) => {
    for (const name of names) {
      const list = readers.get(name);
      if (list) list.push(index);
      else readers.set(name, [index]);
    }
  });
  return readers;
}

function isRandom(node: NodeProto): boolean {
  const dropsAtRandom = node.opType === 'Dropout' && (node.inputs[2] ?? '') !== '';
  if (randomOperators.has(node.opType) || dropsAtRandom) return true;
  return subgraphs(node).some((body) => body.nodes.some(isRandom));
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)];
}
