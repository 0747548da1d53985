import type { Graph, NodeId, TensorId } from './graph.ts';

/** A node and all that is folded into it: the unit that cuts never split. Its members read nothing that the root does not precede. */
export interface FoldGroup {
  /** Position in the list of groups, which is ordered as the roots are and therefore topologically. */
  readonly index: number;
  readonly root: NodeId;
  /** Ascending, the root included. */
  readonly nodes: readonly NodeId[];
  /** Tensors read from outside the group, each once. */
  readonly inputs: readonly TensorId[];
  readonly outputs: readonly TensorId[];
}

/** Most of what looks at a graph asks for them, and graphs are frozen data. */
const known = new WeakMap<Graph, readonly FoldGroup[]>();

/** O(V+E), once for each graph. */
export function foldGroups(graph: Graph): readonly FoldGroup[] {
  let groups = known.get(graph);
  if (groups === undefined) known.set(graph, (groups = groupsOf(graph)));
  return groups;
}

function groupsOf(graph: Graph): readonly FoldGroup[] {
  const members = new Map<NodeId, NodeId[]>();
  for (const node of graph.nodes) {
    const root = node.foldedInto ?? node.id;
    const group = members.get(root);
    if (group === undefined) members.set(root, [node.id]);
    else group.push(node.id);
  }
  return [...members].map(([root, nodes], index) => groupRow(graph, index, root, nodes));
}

function groupRow(graph: Graph, index: number, root: NodeId, nodes: readonly NodeId[]): FoldGroup {
  const inputs = new Set<TensorId>();
  const outputs = new Set<TensorId>();
  for (const id of nodes) {
    const node = graph.nodes[id];
    for (const output of node?.outputs ?? []) outputs.add(output);
    for (const input of node?.inputs ?? []) if (!outputs.has(input)) inputs.add(input);
  }
  return { index, root, nodes, inputs: [...inputs], outputs: [...outputs] };
}

/** Position of its group, for each node. */
function groupOfNodes(graph: Graph, groups: readonly FoldGroup[]): Int32Array {
  const owner = new Int32Array(graph.nodes.length);
  for (const group of groups) for (const node of group.nodes) owner[node] = group.index;
  return owner;
}

/** For each group the distinct groups that it reads from, ascending. */
export function groupProducers(graph: Graph, groups: readonly FoldGroup[]): readonly (readonly number[])[] {
  const owner = groupOfNodes(graph, groups);
  return groups.map((group) => {
    const producers = new Set<number>();
    for (const input of group.inputs) {
      const producer = graph.tensors[input]?.producer;
      if (typeof producer === 'number') producers.add(owner[producer] ?? 0);
    }
    return [...producers].sort((left, right) => left - right);
  });
}
