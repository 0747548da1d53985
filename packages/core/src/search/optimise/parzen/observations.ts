/** What trials took in one dimension, and the group of them that counts. */
export interface Observations {
  /** Trials; the arrays may be longer. */
  readonly count: number;
  /** [trial]. */
  readonly values: Float64Array;
  /** Trials by ascending value, equal ones by number. */
  readonly order: Int32Array;
  readonly group: Group;
}

/** Some of the trials, with weights. */
export interface Group {
  /** Ascending. */
  readonly trials: readonly number[];
  /** [trial]: 0 = not in the group. They and the prior's sum to 1. */
  readonly weights: Float64Array;
  readonly priorWeight: number;
}

/** The group of some of `count` trials, the older ones with less weight, and a prior of weight 1. */
export function groupOf(
  trials: readonly number[],
  count: number,
  weights: readonly number[] = recencyWeights(trials.length),
): Group {
  const total = weights.reduce((sum, weight) => sum + weight, 1);
  const shares = new Float64Array(count);
  for (const [place, trial] of trials.entries()) shares[trial] = (weights[place] ?? 0) / total;
  return { trials, weights: shares, priorWeight: 1 / total };
}

/** How many of the newest observations count in full. */
const newest = 25;

/** 1 for the newest 25; before them the weights fall in equal steps to 1 / count for the oldest. */
export function recencyWeights(count: number): readonly number[] {
  const old = Math.max(0, count - newest);
  const weight = (index: number): number => {
    if (index >= old) return 1;
    return old === 1 ? 1 / count : 1 / count + ((1 - 1 / count) * index) / (old - 1);
  };
  return Array.from({ length: count }, (_, index) => weight(index));
}
