import { type Plan, type Problem, stageSeconds, withThreads } from '@tandem/core';

/**
 * How far the stages' measured times vary: half of each one's distance between quartiles, summed (as if all erred in the same
 * direction). Null unless every stage was measured as one segment, which no batch was.
 */
export function computeErrorSeconds(problem: Problem, plan: Pick<Plan, 'stages'>): number | null {
  let sum = 0;
  for (const { device, nodes, threads, batch } of plan.stages) {
    if (batch !== undefined) return null;
    const { graph, cluster, profile } =
      threads === undefined ? problem : withThreads(problem, device, threads);
    const engine = cluster.devices.find(({ id }) => id === device);
    if (engine === undefined) return null;
    const { spreadSeconds } = stageSeconds(profile, engine, graph, nodes);
    if (spreadSeconds === undefined) return null;
    sum += spreadSeconds / 2;
  }
  return sum;
}
