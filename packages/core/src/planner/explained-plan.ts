import { objectiveFigure, objectiveValue } from '../cost/objective-value.ts';
import type { Report } from '../cost/report.ts';
import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { type RunnerUp, whyOf } from './placement-text.ts';

/** The same plan that claims what `report` says by the problem's objective, and says why. */
export function explainedPlan(problem: Problem, plan: Plan, report: Report, runnerUp: RunnerUp | null): Plan {
  const { objective } = problem;
  return {
    ...plan,
    claim: { figure: objectiveFigure(objective), value: objectiveValue(objective, report) },
    why: whyOf(problem, plan, report, runnerUp),
  };
}
