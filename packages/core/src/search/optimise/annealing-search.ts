import type { Random } from '../../random.ts';
import type { Optimiser } from './optimiser.ts';
import { type SearchOptions, warmPoints } from './random-search.ts';
import { requireSpace, type Space, uniformPoint, valueAt } from './space.ts';
import { Trials } from './trials.ts';

export interface AnnealingOptions extends SearchOptions {
  /** The first and the last temperature, in units of the objective. @default 1 and 0.001 */
  readonly hottest?: number;
  readonly coldest?: number;
}

/**
 * Simulated annealing (Kirkpatrick, Gelatt and Vecchi 1983): one coordinate is drawn anew, and what is worse by d is taken with
 * probability e^(−d / temperature), which falls geometrically over the budget. Starts at the best warm point, or at a uniform one.
 * O(evaluations × dimensions). Throws InvalidInputError for a space or budget that cannot be used.
 */
export function* annealingSearch(space: Space, options: AnnealingOptions, random: Random): Optimiser {
  requireSpace(space);
  const { hottest = 1, coldest = 1e-3, maximumEvaluations } = options;
  const trials = new Trials(options);
  yield* trials.evaluateAll(warmPoints(space, options));
  if (trials.points.length === 0) yield* trials.evaluate(uniformPoint(space, random));
  let [current, value] = [trials.best, trials.bestValue];
  while (!trials.done) {
    const moved = random.integer(space.length);
    const share = random.next();
    const next = space.map((dimension, axis) =>
      axis === moved ? valueAt(dimension, share) : (current[axis] ?? 0),
    );
    const other = yield* trials.evaluate(next);
    const temperature = hottest * (coldest / hottest) ** (trials.points.length / maximumEvaluations);
    if (other <= value || random.next() < Math.exp((value - other) / temperature))
      [current, value] = [next, other];
  }
  return trials.optimum();
}
