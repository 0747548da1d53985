/** Values of one dimension that were observed, in the order of their trials, each with its weight. */
export interface Observations {
  readonly values: readonly number[];
  readonly weights: readonly number[];
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
