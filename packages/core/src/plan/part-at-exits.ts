import type { NodeId } from '../graph/graph.ts';
import { singleTensorCuts } from '../graph/single-tensor-cuts.ts';
import type { Stage } from './plan.ts';
import type { ExitPoint } from './policies.ts';
import type { Problem } from './problem.ts';

/**
 * The same placement in finer stages, which end at the exits: all that comes before an exit stands before all that comes behind it. Exits
 * on tensors that do not lead on alone are passed over.
 */
export function partAtExits(
  { graph }: Pick<Problem, 'graph'>,
  stages: readonly Stage[],
  points: readonly Pick<ExitPoint, 'tensor'>[],
): Stage[] {
  const interval = new Int32Array(graph.nodes.length).fill(points.length);
  const cuts = singleTensorCuts(graph);
  for (const [at, { tensor }] of [...points.entries()].reverse()) {
    const cut = cuts.find(({ boundary }) => boundary[0] === tensor);
    for (const node of cut?.nodes ?? []) interval[node] = at;
  }
  const parts: Stage[] = [];
  for (let at = 0; at <= points.length; at++) {
    for (const { device, nodes } of stages) {
      const own = nodes.filter((node: NodeId) => interval[node] === at);
      if (own.length > 0) parts.push({ device, nodes: own });
    }
  }
  return parts;
}
