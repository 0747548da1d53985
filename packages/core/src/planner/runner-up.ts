import { objectiveValue } from '../cost/objective-value.ts';
import type { Problem } from '../plan/problem.ts';
import type { Contender } from './contenders.ts';
import { gapOver } from './gap.ts';
import { placementText, type RunnerUp, samePlacement } from './placement-text.ts';

/**
 * The best plan seen that places something elsewhere: another contender's, or what one of them had second. Told by its planner and
 * placement. Null where all that was seen is `best`.
 */
export function runnerUpOf(
  problem: Problem,
  best: Contender,
  contenders: readonly Contender[],
): RunnerUp | null {
  const own = { name: placementText(problem, best.planned.plan), value: valueOf(problem, best) };
  const seen = contenders.flatMap((contender) => plansSeenBy(problem, best, contender));
  return seen
    .filter((other) => !isSame(other, own))
    .reduce<RunnerUp | null>(
      (least, other) => (least === null || other.value < least.value ? other : least),
      null,
    );
}

function plansSeenBy(problem: Problem, best: Contender, contender: Contender): RunnerUp[] {
  const { plan } = contender.planned;
  const second = plan.why.runnerUp === null ? [] : [plan.why.runnerUp];
  if (samePlacement(plan, best.planned.plan)) return second;
  const own = {
    name: `${plan.planner} (${placementText(problem, plan)})`,
    value: valueOf(problem, contender),
  };
  return [own, ...second];
}

/** A planner's second may be what another one has first; it is known by its words only. */
function isSame(other: RunnerUp, best: RunnerUp): boolean {
  const isTold = other.name === best.name || other.name.endsWith(`(${best.name})`);
  return isTold && gapOver(Math.max(other.value, best.value), Math.min(other.value, best.value)) === 0;
}

const valueOf = ({ objective }: Problem, { report }: Contender): number => objectiveValue(objective, report);
