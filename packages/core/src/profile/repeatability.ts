/** Linear between the two nearest ranks; NaN for no values. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  const rank = fraction * (sorted.length - 1);
  const below = sorted[Math.floor(rank)] ?? Number.NaN;
  const above = sorted[Math.ceil(rank)] ?? Number.NaN;
  return below + (above - below) * (rank - Math.floor(rank));
}

/**
 * How far one pass is from the others: the RMS of ln(value / median of the other values) over all values of all `series`, each the
 * passes of one thing. Null without a series of two or more positive values.
 */
export function rmsLogRatio(series: readonly (readonly number[])[]): number | null {
  const squares: number[] = [];
  for (const values of series) {
    if (values.length < 2) continue;
    for (const [index, value] of values.entries()) {
      const others = quantile(values.toSpliced(index, 1), 0.5);
      if (value > 0 && others > 0) squares.push(Math.log(value / others) ** 2);
    }
  }
  if (squares.length === 0) return null;
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
}
