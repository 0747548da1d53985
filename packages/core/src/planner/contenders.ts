import { compareByObjective } from '../cost/objective-value.ts';
import type { Report } from '../cost/report.ts';
import type { Objective, Problem } from '../plan/problem.ts';
import type { PlannerOutcome } from './ask.ts';
import { figuresOf } from './objective-support.ts';
import type { Planned } from './planner.ts';

/** A feasible plan. */
export interface Contender {
  readonly name: string;
  readonly planned: Planned;
  readonly report: Report;
}

/** The feasible plans, best first by the problem's objective; ties: lower latency, fewer bytes, then the planner asked first. */
export function contendersOf({ objective }: Problem, outcomes: readonly PlannerOutcome[]): Contender[] {
  const contenders = outcomes.flatMap(({ name, result, report }) =>
    result.kind === 'plan' && report !== null && objections(objective, report).length === 0
      ? [{ name, planned: result, report }]
      : [],
  );
  return contenders.sort(
    (left, right) =>
      compareByObjective(objective, left.report, right.report) ||
      left.report.latencySeconds - right.report.latencySeconds ||
      left.report.bytesSent - right.report.bytesSent,
  );
}

/** Why a priced plan cannot be chosen, one sentence each: it breaks constraints, or has no value by the objective. Empty = it can. */
export function objections(objective: Objective, report: Report): readonly string[] {
  const isSilent = report.energyUnknown !== null && figuresOf(objective).includes('energyJoules');
  return isSilent
    ? [...report.violations, `The objective asks for energy. ${report.energyUnknown}`]
    : report.violations;
}
