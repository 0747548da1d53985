import { compareByObjective } from '../cost/objective-value.ts';
import type { Report } from '../cost/report.ts';
import type { Plan, Stage } from '../plan/plan.ts';
import { planOf } from '../plan/plan-of.ts';
import type { Problem } from '../plan/problem.ts';
import { validatePlan } from '../plan/validate-plan.ts';
import { seconds } from '../units.ts';
import { objections } from './contenders.ts';
import { explainedPlan } from './explained-plan.ts';
import { createPacer, type Pacer } from './pacer.ts';
import type { Planned, PlannerContext, PlanResult } from './planner.ts';
import { throughputOptimal } from './throughput-optimal.ts';

export interface PricedPlan {
  readonly plan: Plan;
  readonly report: Report;
}

export interface StageChange {
  /** Of the planner whose step this is. */
  readonly planner: string;
  readonly mostSteps: number;
  /** Every way to change a plan's stages by one step. */
  readonly steps: (from: PricedPlan) => Iterable<readonly Stage[]>;
  /** Whether a step that breaks no constraint is worth taking. */
  readonly isBetter: (report: Report, before: Report) => boolean;
}

/**
 * The plan of `throughputOptimal`, its stages changed step by step as long as a step is worth taking. Greedy: of all steps the best by the
 * objective is taken, and none is taken back.
 */
export async function improvedStages(
  problem: Problem,
  context: PlannerContext,
  change: StageChange,
): Promise<PlanResult> {
  const started = context.clock.now();
  const evaluated = context.evaluator.evaluations;
  const first = await throughputOptimal.plan(problem, context);
  const found = first.kind === 'plan' ? await improved(problem, first, context, change) : first;
  return {
    ...found,
    evaluations: Math.max(1, context.evaluator.evaluations - evaluated),
    planningSeconds: seconds(Math.max(0, context.clock.now() - started)),
  };
}

/** What the first planner proved is of plans without the change, so it is not said of these. */
async function improved(
  problem: Problem,
  { bound: _bound, ...first }: Planned,
  context: PlannerContext,
  change: StageChange,
): Promise<Planned> {
  const pacer = createPacer(context);
  let best: PricedPlan = {
    plan: { ...first.plan, planner: change.planner },
    report: context.evaluator.evaluate(first.plan),
  };
  for (let step = 0; step < change.mostSteps; step++) {
    const better = await bestStep(problem, best, context, change, pacer);
    if (better === null) break;
    best = better;
  }
  return { ...first, plan: explainedPlan(problem, best.plan, best.report, null) };
}

async function bestStep(
  problem: Problem,
  from: PricedPlan,
  context: PlannerContext,
  { planner, steps, isBetter }: StageChange,
  pacer: Pacer,
): Promise<PricedPlan | null> {
  let best: PricedPlan | null = null;
  for (const stages of steps(from)) {
    await pacer();
    const plan = planOf(problem, context.problemDigest, stages, planner);
    if (validatePlan(problem, plan).length > 0) continue;
    const report = context.evaluator.evaluate(plan);
    if (objections(problem.objective, report).length > 0) continue;
    if (!isBetter(report, from.report)) continue;
    if (best === null || compareByObjective(problem.objective, report, best.report) < 0)
      best = { plan, report };
  }
  return best;
}
