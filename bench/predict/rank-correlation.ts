/** Spearman's ρ: the correlation of ranks, equal values sharing their mean rank. NaN where one side is all equal. O(n log n). */
export function rankCorrelation(left: readonly number[], right: readonly number[]): number {
  return correlation(ranksOf(left), ranksOf(right));
}

function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = values.map(() => 0);
  for (let start = 0; start < order.length; ) {
    const value = values[order[start] ?? 0];
    let end = start;
    while (end < order.length && values[order[end] ?? 0] === value) end++;
    for (const index of order.slice(start, end)) ranks[index] = (start + end - 1) / 2;
    start = end;
  }
  return ranks;
}

function correlation(left: readonly number[], right: readonly number[]): number {
  const middle = (left.length - 1) / 2;
  let product = 0;
  let leftSquares = 0;
  let rightSquares = 0;
  for (const [index, value] of left.entries()) {
    const other = (right[index] ?? 0) - middle;
    product += (value - middle) * other;
    leftSquares += (value - middle) ** 2;
    rightSquares += other ** 2;
  }
  return product / Math.sqrt(leftSquares * rightSquares);
}
