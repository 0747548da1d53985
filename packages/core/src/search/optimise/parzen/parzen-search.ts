import type { Random } from '../../../random.ts';
import type { Optimiser } from '../optimiser.ts';
import { type SearchOptions, warmPoints } from '../random-search.ts';
import { type Dimension, type Point, requireSpace, type Space, uniformPoint } from '../space.ts';
import { Trials } from '../trials.ts';
import { estimate } from './estimate.ts';
import { type Observations, recencyWeights } from './observations.ts';

export interface ParzenOptions extends SearchOptions {
  /** Trials, the warm ones among them, before anything is learnt. @default 10 */
  readonly startTrials?: number;
  /** Values drawn for a dimension, of which the best is tried. @default 24 */
  readonly candidates?: number;
}

/** The share of the trials that counts as good, and the most that do. */
const goodShare = 0.1;
const mostGood = 25;

/**
 * The tree-structured Parzen estimator (TPE): Bergstra et al. 2011, "Algorithms for hyper-parameter optimization", section 4, each
 * dimension on its own, with the adaptive widths and weights of the authors’ program (Bergstra et al. 2013). Of the values drawn from
 * the density of good trials, the one is tried at which that density exceeds the density of the others most. `patience` is 50 and
 * `flatness` 1e-4 unless given. O(trials² × dimensions × candidates); yields once for each dimension of each trial. Throws
 * InvalidInputError for a space or budget that cannot be used.
 */
export function* parzenSearch(space: Space, options: ParzenOptions, random: Random): Optimiser {
  requireSpace(space);
  const { startTrials = 10, candidates = 24 } = options;
  const trials = new Trials({ patience: 50, flatness: 1e-4, ...options });
  yield* trials.evaluateAll(warmPoints(space, options));
  while (!trials.done && trials.points.length < startTrials)
    yield* trials.evaluate(uniformPoint(space, random));
  while (!trials.done) {
    const groups = split(trials);
    const point: number[] = [];
    for (const [axis, dimension] of space.entries()) {
      point.push(promising(dimension, axis, groups, candidates, random));
      yield null;
    }
    yield* trials.evaluate(point);
  }
  return trials.optimum();
}

/** Points in the order of their trials, and what each counts. */
interface Group {
  readonly points: readonly Point[];
  readonly weights: readonly number[];
}

interface Groups {
  readonly good: Group;
  readonly bad: Group;
}

/** The tenth of the trials with the least values, and the rest, both in the order of the trials; what is infeasible is never good. */
function split({ points, values }: Trials): Groups {
  const value = (index: number): number => values[index] ?? Number.POSITIVE_INFINITY;
  const count = Math.min(mostGood, Math.ceil(goodShare * points.length));
  const best = points
    .map((_, index) => index)
    .filter((index) => value(index) < Number.POSITIVE_INFINITY)
    .sort((left, right) => value(left) - value(right) || left - right);
  const isGood = new Set(best.slice(0, count));
  return {
    good: groupOf(points.filter((_, index) => isGood.has(index))),
    bad: groupOf(points.filter((_, index) => !isGood.has(index))),
  };
}

/** Of values drawn as the good ones are distributed, the first for which good / bad is greatest. */
function promising(
  dimension: Dimension,
  axis: number,
  { good, bad }: Groups,
  candidates: number,
  random: Random,
): number {
  const likely = estimate(dimension, observationsOf(good, axis));
  const unlikely = estimate(dimension, observationsOf(bad, axis));
  const drawn = new Set(Array.from({ length: candidates }, () => likely.draw(random)));
  let best = Number.NaN;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of drawn) {
    const gain = likely.logDensity(value) - unlikely.logDensity(value);
    if (gain <= most) continue;
    best = value;
    most = gain;
  }
  return best;
}

const groupOf = (points: readonly Point[]): Group => ({ points, weights: recencyWeights(points.length) });

const observationsOf = ({ points, weights }: Group, axis: number): Observations => ({
  values: points.map((point) => point[axis] ?? 0),
  weights,
});
