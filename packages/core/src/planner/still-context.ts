import { createEvaluator } from '../cost/evaluate.ts';
import type { Problem } from '../plan/problem.ts';
import { createRandom } from '../random.ts';
import { seconds } from '../units.ts';
import type { PlannerContext } from './planner.ts';

const neverAborted: AbortSignal = {
  aborted: false,
  reason: undefined,
  throwIfAborted: () => {},
  addEventListener: () => {},
  removeEventListener: () => {},
};

/** What planners of a test are given: a clock that stands still, and nobody who interrupts. */
export function stillContext(seed = 1): Omit<PlannerContext, 'evaluator'> {
  return {
    problemDigest: '',
    random: createRandom(seed),
    clock: { now: () => seconds(0), sleep: async () => {} },
    signal: neverAborted,
  };
}

export function stillContextOf(problem: Problem, seed = 1): PlannerContext {
  return { ...stillContext(seed), evaluator: createEvaluator(problem) };
}
