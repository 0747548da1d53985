import type { Report } from '../cost/report.ts';
import { RefusedError } from '../errors.ts';
import type { Problem } from '../plan/problem.ts';
import { ask, type ChooseContext, type PlannerOutcome } from './ask.ts';
import { contendersOf } from './contenders.ts';
import { type RunnerUp, whyOf } from './placement-text.ts';
import type { Planned } from './planner.ts';
import { type PlannerName, planners } from './planners.ts';
import { runnerUpOf } from './runner-up.ts';

export interface Choice {
  /** The best feasible plan, with `why` comparing it with the best other plan that any of the planners saw. */
  readonly planned: Planned;
  readonly report: Report;
  readonly runnerUp: RunnerUp | null;
  /** What each planner said, in the order asked. */
  readonly all: readonly PlannerOutcome[];
}

/**
 * Asks the named planners one after the other, each with an evaluator and randomness of its own, and takes the plan that
 * `evaluate` prices lowest by the problem's objective (`contendersOf`). Not splitting is a plan like any other. Throws
 * RefusedError with every planner's reason when none has a feasible plan; rejects with the signal's reason when aborted.
 */
export async function choose(
  problem: Problem,
  names: readonly PlannerName[],
  context: ChooseContext,
): Promise<Choice> {
  const all: PlannerOutcome[] = [];
  for (const name of names) all.push(await ask(planners[name], problem, context));
  const contenders = contendersOf(problem, all);
  const best = contenders[0];
  if (best === undefined) throw noPlan(all);
  const baselines = await askBaselines(problem, names, context);
  const runnerUp = runnerUpOf(problem, best, [...contenders, ...contendersOf(problem, baselines)]);
  const { plan } = best.planned;
  const why = whyOf(problem, plan, best.report, runnerUp);
  return { planned: { ...best.planned, plan: { ...plan, why } }, report: best.report, runnerUp, all };
}

/** So that there is something to compare with, whichever planners were asked. */
async function askBaselines(
  problem: Problem,
  asked: readonly PlannerName[],
  context: ChooseContext,
): Promise<PlannerOutcome[]> {
  const outcomes: PlannerOutcome[] = [];
  for (const name of ['all-local', 'all-server'] as const) {
    if (!asked.includes(name)) outcomes.push(await ask(planners[name], problem, context));
  }
  return outcomes;
}

function noPlan(all: readonly PlannerOutcome[]): RefusedError {
  const reasons = all.map(
    ({ name, result }) => `${name}: ${result.kind === 'plan' ? 'its plan is infeasible' : result.reason}`,
  );
  return new RefusedError(
    reasons.length === 0
      ? 'no planner was asked for a plan'
      : `no planner has a feasible plan:\n${reasons.join('\n')}`,
    'Give a device more memory, connect more devices, relax a constraint, state the power of devices where energy counts, or choose a smaller model.',
  );
}
