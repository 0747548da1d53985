/**
 * The indices of the rows of costs (all of one length, less is better) that no other row dominates: is nowhere worse and somewhere
 * better. In ascending order of costs; of equal rows the first. O(n log n) for up to two costs, O(n log n + n × front × costs) for more.
 */
export function paretoFront(rows: readonly ArrayLike<number>[]): readonly number[] {
  const order = rows.map((_, index) => index);
  const row = (index: number): ArrayLike<number> => rows[index] ?? [];
  order.sort((left, right) => compareRows(row(left), row(right)) || left - right);
  return (rows[0]?.length ?? 0) <= 2 ? sweep(order, row) : sift(order, row);
}

/** By the first cost, on ties by the second, and so on: what dominates a row comes before it. */
function compareRows(left: ArrayLike<number>, right: ArrayLike<number>): number {
  for (let index = 0; index < left.length; index++) {
    const [a, b] = [left[index] ?? 0, right[index] ?? 0];
    if (a !== b) return a < b ? -1 : 1;
  }
  return 0;
}

function sweep(order: readonly number[], row: (index: number) => ArrayLike<number>): readonly number[] {
  const kept: number[] = [];
  for (const index of order) {
    const last = kept.at(-1);
    const lowest = last === undefined ? null : row(last);
    if (lowest === null || (row(index)[1] ?? 0) < (lowest[1] ?? 0)) kept.push(index);
  }
  return kept;
}

function sift(order: readonly number[], row: (index: number) => ArrayLike<number>): readonly number[] {
  const kept: number[] = [];
  for (const index of order) {
    const candidate = row(index);
    if (!kept.some((better) => isNowhereWorse(row(better), candidate))) kept.push(index);
  }
  return kept;
}

/** Whether each of the left costs is at most the right one. */
function isNowhereWorse(left: ArrayLike<number>, right: ArrayLike<number>): boolean {
  for (let index = 0; index < left.length; index++)
    if ((left[index] as number) > (right[index] as number)) return false;
  return true;
}
