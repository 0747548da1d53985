import { type Plan, type Problem, planWays } from '@tandem/core';
import { slowMotion } from '../papers/contest-lines.ts';

/** What one core of this machine surely computes of these networks, with others at work beside it. */
const flopsPerSecond = 40e9;
/** Of a core, what one device's stages may take; in sum, as for every imitation here. */
const mostOfDevice = 0.8;
const mostOfAll = 1.2;

/** How many times slower than the paper a plan has to run so that this machine computes so many requests a second of it in time. */
export function slowMotionFor(problem: Problem, plan: Plan, requestsPerSecond: number): number {
  const { ways, pattern } = planWays(problem, plan);
  const cores = new Map<string, number>();
  for (const way of pattern)
    for (const { device, nodes } of ways[way]?.stages ?? []) {
      const flops = nodes.reduce((sum, id) => sum + (problem.graph.nodes[id]?.flops ?? 0), 0);
      const own = (requestsPerSecond * flops) / flopsPerSecond / pattern.length;
      cores.set(device, (cores.get(device) ?? 0) + own);
    }
  const all = [...cores.values()].reduce((sum, own) => sum + own, 0);
  return Math.ceil(
    Math.max(slowMotion, all / mostOfAll, ...[...cores.values()].map((own) => own / mostOfDevice)),
  );
}
