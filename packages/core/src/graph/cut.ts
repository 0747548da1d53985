import { InvalidInputError } from '../errors.ts';
import { bytes } from '../units.ts';
import { type FoldGroup, foldGroups } from './fold-groups.ts';
import type { Cut, Graph, Node, NodeId, TensorId } from './graph.ts';
import { graphLiveness } from './liveness.ts';
import { nodeSet } from './node-set.ts';

/**
 * The cut that runs `nodes` (any order, each once or more) before it. Throws InvalidInputError when a node is unknown, lacks a
 * predecessor, or is parted from the node that it is folded into.
 */
export function cutOf(graph: Graph, nodes: readonly NodeId[]): Cut {
  const members = nodeSet(graph, nodes);
  for (const node of graph.nodes) checkMembership(graph, node, members);
  const boundary = graph.tensors.filter(
    ({ producer, consumers }) =>
      (producer === 'input' || members.has(producer)) && consumers.some((id) => !members.has(id)),
  );
  return cutRow(
    graph,
    members,
    boundary.map(({ id }) => id),
  );
}

/** The cuts at every position of the graph's own order, the empty one first and the whole graph last. */
export function prefixCuts(graph: Graph): readonly Cut[] {
  const groups = foldGroups(graph);
  const liveness = graphLiveness(graph, groups);
  const nodes: NodeId[] = [];
  const cuts = [cutRow(graph, nodes, liveness.live)];
  for (const group of groups) {
    liveness.run(group);
    nodes.push(...group.nodes);
    cuts.push(cutRow(graph, nodes, liveness.live));
  }
  return cuts;
}

/** A Cut with its lists in order and its bytes summed; checks nothing. */
export function cutRow(graph: Graph, nodes: Iterable<NodeId>, boundary: Iterable<TensorId>): Cut {
  const tensors = ascending(boundary);
  const size = tensors.reduce((sum, tensor) => sum + (graph.tensors[tensor]?.bytes ?? 0), 0);
  return { nodes: ascending(nodes), boundary: tensors, bytes: bytes(size) };
}

/** The nodes of some groups. */
export function nodesOf(groups: Iterable<FoldGroup>): NodeId[] {
  return [...groups].flatMap((group) => group.nodes);
}

function checkMembership(graph: Graph, node: Node, members: ReadonlySet<NodeId>): void {
  const isMember = members.has(node.id);
  if (node.foldedInto !== null && members.has(node.foldedInto) !== isMember) {
    throw new InvalidInputError(
      `node ${node.id} ('${node.name}') and node ${node.foldedInto}, which it is folded into, are on two sides of the cut`,
      'Keep folded nodes together.',
    );
  }
  if (!isMember) return;
  for (const input of node.inputs) {
    const producer = graph.tensors[input]?.producer;
    if (typeof producer !== 'number' || members.has(producer)) continue;
    throw new InvalidInputError(
      `node ${node.id} ('${node.name}') is before the cut and node ${producer}, whose output it reads, is not`,
      'Add every predecessor of every node, or take one of singleTensorCuts or prefixCuts.',
    );
  }
}

function ascending(values: Iterable<number>): number[] {
  return [...values].sort((left, right) => left - right);
}
