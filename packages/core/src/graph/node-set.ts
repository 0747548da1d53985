import { InvalidInputError } from '../errors.ts';
import type { Graph, NodeId } from './graph.ts';

/** The ids as a set, after a check that the graph has each of them; InvalidInputError names the first that it has not. */
export function nodeSet(graph: Graph, nodes: Iterable<NodeId>): ReadonlySet<NodeId> {
  const members = new Set(nodes);
  for (const id of members) {
    if (Number.isInteger(id) && id >= 0 && id < graph.nodes.length) continue;
    throw new InvalidInputError(
      `node ${id} is not in the graph '${graph.name}', expected an integer from 0 to ${graph.nodes.length - 1}`,
      'Use node ids of this very graph: ids change when the model does.',
    );
  }
  return members;
}
