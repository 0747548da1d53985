import { objectiveValue } from '../cost/objective-value.ts';
import type { Report } from '../cost/report.ts';
import { prefixCuts } from '../graph/cut.ts';
import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { planTwoStages } from './plan-two-stages.ts';
import type { PlannerContext } from './planner.ts';
import { serverPairs } from './server-pairs.ts';

export interface PricedSplit {
  readonly plan: Plan;
  readonly report: Report;
  /** By the problem's objective. */
  readonly value: number;
}

/**
 * The best plan that cuts once, with work on both sides: the source runs the first nodes of the graph's order, another device the rest.
 * A sentence when there is none. What "do not split" is compared with.
 */
export async function bestSplit(problem: Problem, context: PlannerContext): Promise<PricedSplit | string> {
  const pairs = serverPairs(problem);
  const cuts = prefixCuts(problem.graph).slice(1, -1);
  if (pairs.length === 0) return `The cluster '${problem.cluster.name}' has one device.`;
  if (cuts.length === 0) return `The model '${problem.graph.name}' has nowhere to cut.`;
  const result = await planTwoStages('best-split', problem, context, cuts, pairs);
  if (result.kind === 'infeasible') return result.reason;
  const report = context.evaluator.evaluate(result.plan);
  return { plan: result.plan, report, value: objectiveValue(problem.objective, report) };
}
