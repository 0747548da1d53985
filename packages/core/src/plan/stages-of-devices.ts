import type { DeviceId } from '../cluster/cluster.ts';
import { foldGroups, groupProducers } from '../graph/fold-groups.ts';
import type { Graph, NodeId } from '../graph/graph.ts';
import type { Stage } from './plan.ts';

/**
 * Stages for nodes that were placed one by one: each stage is all that its device can run before it has to wait for another, so there
 * are few, each is convex, and their order is one in which all can run. Folded nodes go where the node goes that they are folded into.
 * The device of the earliest node that can run comes next. O((V + E) × stages).
 */
export function stagesOfDevices(graph: Graph, deviceOf: (node: NodeId) => DeviceId): Stage[] {
  const groups = foldGroups(graph);
  const producers = groupProducers(graph, groups);
  const devices = groups.map(({ root }) => deviceOf(root));
  const done = new Uint8Array(groups.length);
  const isReady = (index: number): boolean => producers[index]?.every((other) => done[other] === 1) ?? true;
  const stages: Stage[] = [];
  for (let next = 0; next < groups.length; next = done.indexOf(0)) {
    if (next < 0) break;
    // Groups are in topological order, so the earliest that is left is ready.
    const device = devices[next] ?? '';
    const nodes: NodeId[] = [];
    for (let index = next; index < groups.length; index++) {
      if (done[index] === 1 || devices[index] !== device || !isReady(index)) continue;
      done[index] = 1;
      nodes.push(...(groups[index]?.nodes ?? []));
    }
    stages.push({ device, nodes: nodes.sort((left, right) => left - right) });
  }
  return stages;
}
