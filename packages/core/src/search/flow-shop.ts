/** A job's time on the first machine and then on the second. */
export interface TwoStepJob {
  readonly first: number;
  readonly second: number;
}

/**
 * The order of jobs that ends first on two machines, each job first on one and then on the other (Johnson 1954, "Optimal two- and
 * three-stage production schedules with setup times included"): the jobs with the shorter first step by that, ascending, then the others
 * by their second step, descending; ties by index. Indices into `jobs`. O(n log n).
 */
export function johnsonOrder(jobs: readonly TwoStepJob[]): readonly number[] {
  const job = (index: number): TwoStepJob => jobs[index] ?? { first: 0, second: 0 };
  const indices = jobs.map((_, index) => index);
  const early = indices.filter((index) => job(index).first < job(index).second);
  const late = indices.filter((index) => job(index).first >= job(index).second);
  early.sort((left, right) => job(left).first - job(right).first || left - right);
  late.sort((left, right) => job(right).second - job(left).second || left - right);
  return [...early, ...late];
}

/** When the last of the jobs, in this order, leaves the second machine. O(n). */
export function flowShopMakespan(jobs: Iterable<TwoStepJob>): number {
  let [firstEnd, secondEnd] = [0, 0];
  for (const { first, second } of jobs) {
    firstEnd += first;
    secondEnd = Math.max(firstEnd, secondEnd) + second;
  }
  return secondEnd;
}
