import { InvalidInputError } from '../errors.ts';
import { assemblePart, type TypeOf } from './assemble-part.ts';
import type { ModelProto } from './model.ts';
import { nodeTitle, type Wiring, wiringOf } from './wiring.ts';

export interface ExtractNodesOptions {
  /** Indices in `model.graph.nodes`; constant nodes among them are ignored, since every part brings those that it needs. */
  readonly nodes: readonly number[];
  readonly typeOf: TypeOf;
  /** @default the graph's name */
  readonly name?: string;
}

/**
 * The sub-model that runs `nodes`. Its inputs are the activations that enter the set, sub-graph captures included, in order of
 * first use; its outputs the tensors that other nodes or the graph's outputs need, in the order in which they are yielded.
 * Weights are shared by reference. Outputs of the graph that are constant, or inputs passed on, belong to no set. The IR version
 * is raised to 4 where it is lower, so that inputs are what a caller feeds.
 * Throws InvalidInputError for sets that are empty, unknown or not convex (a tensor leaves the set and comes back), that yield
 * nothing, boundaries of unknown type, missing initializers, repeated producers and cycles. Time is linear in the graph.
 */
export function extractNodes(model: ModelProto, options: ExtractNodesOptions): ModelProto {
  const wiring = wiringOf(model.graph);
  const members = membersOf(wiring, options.nodes);
  refuseReturn(wiring, members);
  const inputs = enteringTensors(wiring, members);
  const outputs = leavingTensors(wiring, members);
  if (outputs.length === 0) {
    throw new InvalidInputError(
      `nothing that ${describe(wiring, options.nodes)} yields is used outside`,
      'Leave unused nodes out, or add the nodes that use them.',
    );
  }
  return assemblePart(model, wiring, {
    members,
    inputs,
    outputs,
    typeOf: options.typeOf,
    name: options.name,
  });
}

function membersOf(wiring: Wiring, nodes: readonly number[]): Set<number> {
  const unknown = nodes.find((index) => wiring.needs[index] === undefined);
  if (unknown !== undefined) {
    throw new InvalidInputError(
      `node ${unknown} is to be extracted from a graph of ${wiring.needs.length} nodes`,
      'Give indices in model.graph.nodes.',
    );
  }
  const members = new Set(nodes.filter((index) => !wiring.needs[index]?.constant));
  if (members.size > 0) return members;
  throw new InvalidInputError(
    `no node to extract: ${nodes.length === 0 ? 'the set is empty' : 'all nodes of the set are constant'}`,
    'Give at least one node that depends on an input of the model.',
  );
}

/** Follows what leaves the set through other nodes; where it reaches a member again the set is not convex. */
function refuseReturn(wiring: Wiring, members: ReadonlySet<number>): void {
  const behind = new Set<number>();
  for (const index of wiring.order) {
    for (const tensor of wiring.needs[index]?.reads ?? []) {
      const source = wiring.producer.get(tensor);
      if (source === undefined) continue;
      if (members.has(index) && behind.has(source)) throw notConvex(wiring, index, source, tensor);
      if (!members.has(index) && (members.has(source) || behind.has(source))) behind.add(index);
    }
  }
}

function notConvex(wiring: Wiring, member: number, outside: number, tensor: string): InvalidInputError {
  return new InvalidInputError(
    `the set is not convex: ${nodeTitle(wiring.graph, member)} reads '${tensor}' from ${nodeTitle(wiring.graph, outside)}, which lies outside and itself waits for the set`,
    'Add the nodes between, or split the set in two.',
  );
}

function enteringTensors(wiring: Wiring, members: ReadonlySet<number>): string[] {
  const entering = wiring.order
    .filter((index) => members.has(index))
    .flatMap((index) => wiring.needs[index]?.reads ?? [])
    .filter((tensor) => enters(wiring, members, tensor));
  return [...new Set(entering)];
}

function enters(wiring: Wiring, members: ReadonlySet<number>, tensor: string): boolean {
  const source = wiring.producer.get(tensor);
  if (source === undefined) return wiring.inputs.has(tensor);
  return !members.has(source) && !wiring.needs[source]?.constant;
}

function leavingTensors(wiring: Wiring, members: ReadonlySet<number>): string[] {
  const needed = new Set(wiring.graph.outputs.map((output) => output.name));
  wiring.needs.forEach(({ reads }, index) => {
    if (!members.has(index)) for (const tensor of reads) needed.add(tensor);
  });
  return wiring.order
    .filter((index) => members.has(index))
    .flatMap((index) => wiring.graph.nodes[index]?.outputs ?? [])
    .filter((tensor) => tensor !== '' && needed.has(tensor));
}

function describe(wiring: Wiring, nodes: readonly number[]): string {
  const [first = 0] = nodes;
  return nodes.length === 1 ? nodeTitle(wiring.graph, first) : `the set of ${nodes.length} nodes`;
}
