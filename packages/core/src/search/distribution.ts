/** Of numbers of one unit, which the key that holds it names. */
export interface Distribution {
  readonly count: number;
  readonly mean: number;
  readonly least: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly most: number;
}

/** Null of no values. Percentiles are nearest ranks: the smallest value that so many percent do not exceed. */
export function distributionOf(values: readonly number[]): Distribution | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  let sum = 0;
  for (const value of sorted) sum += value;
  const rank = (percent: number): number => sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? 0;
  return {
    count: sorted.length,
    mean: sum / sorted.length,
    least: sorted[0] ?? 0,
    p50: rank(50),
    p90: rank(90),
    p95: rank(95),
    p99: rank(99),
    most: sorted.at(-1) ?? 0,
  };
}
