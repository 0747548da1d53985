import type { Graph, NodeId } from './graph.ts';

/** Nodes with what is folded into them, in the order of the roots: such a group reads nothing that its root does not precede. */
export function foldedTogether(graph: Graph, nodes: readonly NodeId[]): NodeId[][] {
  const groups = new Map<NodeId, NodeId[]>();
  for (const id of nodes) {
    const root = graph.nodes[id]?.foldedInto ?? id;
    const group = groups.get(root);
    if (group === undefined) groups.set(root, [id]);
    else group.push(id);
  }
  return [...groups.values()];
}
