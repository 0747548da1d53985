import { InvalidInputError } from '../errors.ts';
import type { Graph, Node, NodeId } from './graph.ts';
import { nodeSet } from './node-set.ts';

/** Whether no path leaves the set and comes back, so that it can run as one piece. O(V+E). */
export function isConvex(graph: Graph, nodes: readonly NodeId[]): boolean {
  const members = new Uint8Array(graph.nodes.length);
  for (const id of nodeSet(graph, nodes)) members[id] = 1;
  const behind = new Uint8Array(graph.nodes.length);
  for (const { id, inputs } of graph.nodes) {
    for (const input of inputs) {
      const producer = graph.tensors[input]?.producer;
      if (typeof producer !== 'number') continue;
      if (members[id] === 1 && behind[producer] === 1) return false;
      if (members[id] === 0 && (members[producer] === 1 || behind[producer] === 1)) behind[id] = 1;
    }
  }
  return true;
}

/**
 * Whether disjoint node sets can wait for each other in some order: convex sets may still form a cycle (a→b and c→d with
 * {a,d} and {b,c}). Nodes in no set stand for themselves. O(V+E). Throws InvalidInputError when two sets share a node.
 */
export function quotientIsAcyclic(graph: Graph, sets: readonly (readonly NodeId[])[]): boolean {
  const owner = ownersOf(graph, sets);
  const successors = new Map<number, Set<number>>();
  const waiting = new Map<number, number>();
  for (const set of owner) waiting.set(set, 0);
  for (const node of graph.nodes) {
    const to = owner[node.id] ?? 0;
    for (const producer of producersOf(graph, node)) {
      const from = owner[producer] ?? 0;
      if (from === to || successors.get(from)?.has(to)) continue;
      successors.set(from, (successors.get(from) ?? new Set()).add(to));
      waiting.set(to, (waiting.get(to) ?? 0) + 1);
    }
  }
  return canRunAll(successors, waiting);
}

/** Kahn's algorithm: take what waits for nothing until nothing is left, or only cycles are. */
function canRunAll(
  successors: ReadonlyMap<number, ReadonlySet<number>>,
  waiting: Map<number, number>,
): boolean {
  const ready = [...waiting.keys()].filter((set) => waiting.get(set) === 0);
  let ran = 0;
  for (let set = ready.pop(); set !== undefined; set = ready.pop()) {
    ran++;
    for (const next of successors.get(set) ?? []) {
      const left = (waiting.get(next) ?? 0) - 1;
      waiting.set(next, left);
      if (left === 0) ready.push(next);
    }
  }
  return ran === waiting.size;
}

/** The number of its set for each node, from 0; nodes in no set get numbers of their own. */
function ownersOf(graph: Graph, sets: readonly (readonly NodeId[])[]): Int32Array {
  const owner = Int32Array.from(graph.nodes.keys(), (id) => sets.length + id);
  for (const [index, set] of sets.entries()) {
    for (const id of nodeSet(graph, set)) {
      const other = owner[id] ?? 0;
      if (other < sets.length) {
        throw new InvalidInputError(
          `node ${id} is in sets ${other} and ${index}, expected disjoint sets`,
          'Give each node to one set.',
        );
      }
      owner[id] = index;
    }
  }
  return owner;
}

function* producersOf(graph: Graph, node: Node): Generator<NodeId> {
  for (const input of node.inputs) {
    const producer = graph.tensors[input]?.producer;
    if (typeof producer === 'number') yield producer;
  }
}
