import { objectiveFigure, objectiveValue } from '../cost/objective-value.ts';
import type { Report } from '../cost/report.ts';
import type { Plan, Stage } from '../plan/plan.ts';
import { planOf } from '../plan/plan-of.ts';
import type { Problem } from '../plan/problem.ts';
import { type RunnerUp, whyOf } from './placement-text.ts';

/** The plan of these stages that claims what `report` says by the problem's objective, and says why. */
export function explainedPlan(
  planner: string,
  problem: Problem,
  problemDigest: string,
  stages: readonly Stage[],
  report: Report,
  runnerUp: RunnerUp | null,
): Plan {
  const { objective } = problem;
  return planOf(problem, problemDigest, stages, planner, {
    claim: { figure: objectiveFigure(objective), value: objectiveValue(objective, report) },
    why: whyOf(problem, { stages }, report, runnerUp),
  });
}
