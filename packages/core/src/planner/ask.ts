import { createEvaluator, type Evaluator } from '../cost/evaluate.ts';
import type { Report } from '../cost/report.ts';
import type { Problem } from '../plan/problem.ts';
import { validatePlan } from '../plan/validate-plan.ts';
import type { Planner, PlannerContext, PlanResult } from './planner.ts';

/** What a planner is given beside the problem, except for what is its own. */
export type ChooseContext = Omit<PlannerContext, 'evaluator'>;

export interface PlannerOutcome {
  readonly name: string;
  readonly result: PlanResult | Unsupported;
  /** Of the plan, when there is a valid one. */
  readonly report: Report | null;
  /** Why the plan cannot be followed, as `validatePlan` says; empty = it can, or there is none. */
  readonly faults: readonly string[];
}

/** The planner does not treat problems of this kind. */
export interface Unsupported {
  readonly kind: 'unsupported';
  readonly reason: string;
}

/**
 * What one planner says, asked with an evaluator and randomness of its own, so that what was asked before makes no difference. Its plan
 * is checked and priced here, whatever it claims. Rejects with the signal's reason when aborted.
 */
export async function ask(
  planner: Planner,
  problem: Problem,
  context: ChooseContext,
): Promise<PlannerOutcome> {
  context.signal.throwIfAborted();
  const { name } = planner;
  const supports = planner.supports(problem);
  if (!supports.yes)
    return { name, result: { kind: 'unsupported', reason: supports.reason }, report: null, faults: [] };
  const evaluator: Evaluator = createEvaluator(problem);
  const random = context.random.split(name);
  const result = await planner.plan(problem, { ...context, evaluator, random });
  if (result.kind !== 'plan') return { name, result, report: null, faults: [] };
  const faults = validatePlan(problem, result.plan);
  return { name, result, report: faults.length === 0 ? evaluator.evaluate(result.plan) : null, faults };
}
