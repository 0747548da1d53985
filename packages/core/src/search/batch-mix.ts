import { flowShopMakespan, johnsonOrder, type TwoStepJob } from './flow-shop.ts';
import { lowerLeftHull } from './lower-left-hull.ts';

/** What each of some equal jobs does. */
export interface BatchMix {
  /** By job, in the order in which they run: the position of its option. */
  readonly order: readonly number[];
  readonly makespan: number;
}

/**
 * JPS (Duan and Wu) to the letter: equal jobs on two machines may each take another of the same options, such as cuts of one network,
 * whose first step grows in the order given. Of these count the ones with a shorter second step than any before. Mixes the two next to
 * where first = second, so that both machines are busy alike, and orders them by Johnson's rule. One job takes the least sum.
 *
 * Not the best mix in general: two other options may balance with less. O(k + n log n).
 */
export function adjacentMix(options: readonly TwoStepJob[], jobs: number): BatchMix {
  let least = Number.POSITIVE_INFINITY;
  const kept: number[] = [];
  for (const [index, { second }] of options.entries()) {
    if (second >= least) continue;
    kept.push(index);
    least = second;
  }
  return mixAcrossDiagonal(options, kept, jobs);
}

/**
 * The same between neighbours on the lower left convex hull, in any order given. With P of `mixPeriod` no mix of n jobs ends before n P,
 * and this one ends at most the longest first and the longest second step after that. O(k log k + n log n).
 */
export function hullMix(options: readonly TwoStepJob[], jobs: number): BatchMix {
  return mixAcrossDiagonal(options, hullOf(options), jobs);
}

/** Time a job in the best endless mix: the least that the busier machine needs on average, whatever share each option has. */
export function mixPeriod(options: readonly TwoStepJob[]): number {
  const pair = aroundDiagonal(options, hullOf(options));
  if (pair === null) return Number.POSITIVE_INFINITY;
  const [left, right] = [at(options, pair.left), at(options, pair.right)];
  if (pair.left === pair.right) return Math.max(left.first, left.second);
  const share = shareOfLeft(left, right);
  return share * left.first + (1 - share) * right.first;
}

function mixAcrossDiagonal(
  options: readonly TwoStepJob[],
  sorted: readonly number[],
  jobs: number,
): BatchMix {
  const pair = aroundDiagonal(options, sorted);
  if (pair === null || jobs < 1) return { order: [], makespan: 0 };
  if (jobs === 1) return inOrder(options, [leastSum(options, sorted)]);
  const { left, right } = pair;
  const share = left === right ? 1 : shareOfLeft(at(options, left), at(options, right));
  const mixOf = (count: number): BatchMix =>
    inOrder(
      options,
      Array.from({ length: jobs }, (_, job) => (job < count ? left : right)),
    );
  const [down, up] = [mixOf(Math.floor(jobs * share)), mixOf(Math.ceil(jobs * share))];
  return up.makespan < down.makespan ? up : down;
}

interface Neighbours {
  readonly left: number;
  readonly right: number;
}

/** The last option with first < second and the first one without; one of them twice where the other is missing. */
function aroundDiagonal(options: readonly TwoStepJob[], sorted: readonly number[]): Neighbours | null {
  const last = sorted.at(-1);
  if (last === undefined) return null;
  const crossing = sorted.findIndex((index) => at(options, index).first >= at(options, index).second);
  if (crossing < 0) return { left: last, right: last };
  const right = sorted[crossing] ?? last;
  return { left: sorted[crossing - 1] ?? right, right };
}

/** Of a mix that keeps both machines busy alike. */
function shareOfLeft(left: TwoStepJob, right: TwoStepJob): number {
  const surplus = right.first - right.second;
  return surplus / (surplus + left.second - left.first);
}

function leastSum(options: readonly TwoStepJob[], among: readonly number[]): number {
  const sum = (index: number): number => at(options, index).first + at(options, index).second;
  return among.reduce((best, index) => (sum(index) < sum(best) ? index : best), among[0] ?? 0);
}

function inOrder(options: readonly TwoStepJob[], taken: readonly number[]): BatchMix {
  const order = johnsonOrder(taken.map((index) => at(options, index))).map((job) => taken[job] ?? 0);
  return { order, makespan: flowShopMakespan(order.map((index) => at(options, index))) };
}

const hullOf = (options: readonly TwoStepJob[]): readonly number[] =>
  lowerLeftHull(options.map(({ first, second }) => [first, second]));

const at = (options: readonly TwoStepJob[], index: number): TwoStepJob =>
  options[index] ?? { first: 0, second: 0 };
