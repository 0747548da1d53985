import type { PacedSearch } from '../paced-search.ts';
import {
  type ChainAssignment,
  type ChainProblem,
  type ChainRun,
  longestTime,
  requireChain,
} from './chain-problem.ts';
import { LimitSearch } from './within-limit.ts';

/** The share of the best value below which the bisection leaves the rest to exact steps. */
const precision = 1e-9;

/**
 * The assignment of a chain to unequal machines of the greatest throughput: of the least longest time, exact (the problem of PipeEdge,
 * Hu et al. 2022, with handovers that depend on both machines, limits of memory, and machines that need not be used). Limits
 * are bisected, and an assignment found lowers the upper end to its own longest time; in the end nothing strictly below the best is
 * left, so the value is not rounded. About 40 searches of O(sets × kinds² × units), sets = Π (count + 1). Null where no assignment
 * fits. Throws InvalidInputError for a malformed or too large problem.
 */
export function* assignChain(problem: ChainProblem): PacedSearch<ChainAssignment | null> {
  requireChain(problem);
  const search = new LimitSearch(problem);
  const assignment = (runs: readonly ChainRun[] | null): ChainAssignment | null =>
    runs === null ? null : { runs, value: longestTime(problem, runs) };
  let best = assignment(yield* search.find({ value: Number.POSITIVE_INFINITY, strict: false }));
  let low = 0;
  while (best !== null) {
    const middle: number = low + (best.value - low) / 2;
    const strict = best.value - low <= precision * best.value;
    const limit = strict ? { value: best.value, strict } : { value: middle, strict };
    const better = assignment(yield* search.find(limit));
    if (better !== null) best = better;
    else if (strict) break;
    else low = middle;
  }
  return best;
}
