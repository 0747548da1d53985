import {
  type ComparedPlanner,
  comparePlanners,
  createRandom,
  losslessPlannerNames,
  type Problem,
} from '@tandem/core';
import { systemClock } from '@tandem/node';

/** What one planner came to on one problem. */
export interface Answer {
  readonly name: string;
  /** 'violating': it gave a plan that is invalid or breaks a constraint. */
  readonly kind: 'feasible' | 'infeasible' | 'violating' | 'unsupported';
  /** By the objective; null unless feasible. */
  readonly value: number | null;
  /** value / what the planner proved − 1; null where it proves nothing. */
  readonly gap: number | null;
  /** The same over what it proved of placements of the chain. */
  readonly chainGap: number | null;
  readonly milliseconds: number;
}

/** Every planner whose plans leave the answer as it is, on one problem: coded plans would be no fair yardstick. */
export async function answersTo(problem: Problem, seed: number, signal: AbortSignal): Promise<Answer[]> {
  const context = { problemDigest: '', random: createRandom(seed), clock: systemClock, signal };
  const { rows } = await comparePlanners(problem, losslessPlannerNames, context);
  return rows.map((row) => {
    const { name, value, gap, chainGap, result } = row;
    const milliseconds = result.kind === 'unsupported' ? 0 : result.planningSeconds * 1e3;
    return { name, kind: kindOf(row), value, gap, chainGap, milliseconds };
  });
}

function kindOf({ feasible, result }: ComparedPlanner): Answer['kind'] {
  if (feasible) return 'feasible';
  return result.kind === 'plan' ? 'violating' : result.kind;
}
