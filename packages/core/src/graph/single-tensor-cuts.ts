import { cutRow } from './cut.ts';
import { type FoldGroup, foldGroups } from './fold-groups.ts';
import type { Cut, Graph, NodeId, TensorId } from './graph.ts';
import { graphLiveness } from './liveness.ts';
import { sweepOrder } from './sweep-order.ts';

/**
 * The inner cuts that one tensor alone crosses, in order: neither the empty nor the whole graph, and with work on both sides. One
 * cut a tensor, whatever topological order the graph is in. O(V+E) to find, plus the size of the answer.
 */
export function singleTensorCuts(graph: Graph): readonly Cut[] {
  const groups = sweepOrder(graph, foldGroups(graph));
  const liveness = graphLiveness(graph, groups);
  const seen = new Set<TensorId | null>([liveness.alone()]);
  const cuts: Cut[] = [];
  let worked = false;
  const before: NodeId[] = [];
  for (const group of groups) {
    liveness.run(group);
    before.push(...group.nodes);
    worked ||= !isPassive(graph, group);
    const tensor = liveness.alone();
    if (tensor === null || seen.has(tensor) || !worked) continue;
    seen.add(tensor);
    cuts.push(cutRow(graph, before, [tensor]));
  }
  return cuts;
}

/** A dropout or identity that has nothing to fold into, because it reads a graph input. */
function isPassive(graph: Graph, group: FoldGroup): boolean {
  return group.nodes.every((id) => {
    const node = graph.nodes[id];
    return node?.domain === '' && (node.op === 'Identity' || node.op === 'Dropout');
  });
}
