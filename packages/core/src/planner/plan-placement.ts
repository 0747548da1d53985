import type { Stage } from '../plan/plan.ts';
import { planOf } from '../plan/plan-of.ts';
import type { Problem } from '../plan/problem.ts';
import { seconds } from '../units.ts';
import { ClosestMiss } from './closest-miss.ts';
import { explainedPlan } from './explained-plan.ts';
import { createPacer } from './pacer.ts';
import type { PlannerContext, PlanResult } from './planner.ts';

/** What a planner answers that has one placement in mind: this plan, or which constraints it breaks. One evaluation. */
export async function planPlacement(
  planner: string,
  problem: Problem,
  context: PlannerContext,
  stages: readonly Stage[],
): Promise<PlanResult> {
  const started = context.clock.now();
  const pacer = createPacer(context);
  await pacer();
  const plan = planOf(problem, context.problemDigest, stages, planner);
  await pacer();
  const report = context.evaluator.evaluate(plan);
  const spent = { evaluations: 1, planningSeconds: seconds(Math.max(0, context.clock.now() - started)) };
  if (report.violations.length > 0) {
    const miss = new ClosestMiss(problem);
    miss.add(plan, report);
    return { kind: 'infeasible', reason: miss.reason(), ...spent };
  }
  await pacer();
  const explained = explainedPlan(problem, plan, report, null);
  return { kind: 'plan', plan: explained, ...spent };
}
