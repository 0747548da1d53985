import { evaluate, type Plan, type Problem, planWays, type Report, stageNumbers } from '@tandem/core';

/** Requests before the stream's: one to warm up, and the one that counts. */
export const requestsBefore = 2;

/** How the request runs that counts, where a plan's requests run in several ways. */
export interface CountedWay {
  /** A plan without a mix and replicas. */
  readonly plan: Plan;
  readonly report: Report;
  /** By position among its stages, the number that agents know the stage by. */
  readonly numbers: readonly number[];
}

/** The pattern begins with the stream; the request before it takes the pattern's last way. */
export function countedWay(problem: Problem, plan: Plan): CountedWay {
  const { ways, pattern } = planWays(problem, plan);
  const at = pattern.at(-1) ?? 0;
  const way = ways[at] ?? ways[0];
  return { plan: way, report: evaluate(problem, way), numbers: stageNumbers(ways).numbers[at] ?? [] };
}
