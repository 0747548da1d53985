/**
 * The greatest difference between the shares of two samples that lie at or below a value (Kolmogorov and Smirnov): 0 = alike, 1 = apart.
 * O(n log n). 0 where a sample is empty.
 */
export function distributionDistance(left: readonly number[], right: readonly number[]): number {
  if (left.length === 0 || right.length === 0) return 0;
  const [a, b] = [left, right].map((sample) => sample.toSorted((one, other) => one - other));
  if (a === undefined || b === undefined) return 0;
  let [i, j, most] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i] ?? 0, b[j] ?? 0);
    while (i < a.length && (a[i] ?? 0) <= value) i++;
    while (j < b.length && (b[j] ?? 0) <= value) j++;
    most = Math.max(most, Math.abs(i / a.length - j / b.length));
  }
  return most;
}
