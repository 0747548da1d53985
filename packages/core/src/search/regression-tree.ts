import { InvalidInputError } from '../errors.ts';

/**
 * A binary tree of threshold questions, JSON-able: a leaf is its value, a split is [feature, threshold, left, right]. A row goes right
 * where row[feature] > threshold, so a missing feature (NaN) goes left, as the smallest value would.
 */
export type RegressionTree = number | readonly [number, number, RegressionTree, RegressionTree];

/** The tree's value for one row of features. O(depth). */
export function treeValue(tree: RegressionTree, row: readonly number[]): number {
  let node = tree;
  while (typeof node !== 'number') {
    const [feature, threshold, left, right] = node;
    node = (row[feature] ?? Number.NaN) > threshold ? right : left;
  }
  return node;
}

/** What a learner is given: rows of features, all of one width, NaN where a feature is missing, and one finite target a row. */
export interface Samples {
  readonly rows: readonly (readonly number[])[];
  readonly targets: readonly number[];
}

/** Throws InvalidInputError unless there is a row, every row has one width and every target is finite. */
export function requireSamples({ rows, targets }: Samples): void {
  const width = rows[0]?.length ?? 0;
  if (width === 0) refuse('no rows of features to learn from', 'at least one');
  if (rows.length !== targets.length) refuse(`${targets.length} targets`, `${rows.length}, one a row`);
  const ragged = rows.findIndex((row) => row.length !== width);
  if (ragged >= 0) refuse(`row ${ragged} has ${rows[ragged]?.length} features`, `${width} as in row 0`);
  const wrong = targets.findIndex((target) => !Number.isFinite(target));
  if (wrong >= 0) refuse(`target ${wrong} is ${targets[wrong]}`, 'a finite number');
}

function refuse(got: string, expected: string): never {
  throw new InvalidInputError(
    `${got}, expected ${expected}`,
    'Give rows of equal width and a target for each.',
  );
}

/** The mean, exact where all values are equal. */
export function meanOf(values: ArrayLike<number>, count: number = values.length): number {
  const first = values[0] ?? 0;
  let rest = 0;
  for (let index = 0; index < count; index++) rest += (values[index] ?? 0) - first;
  return count === 0 ? 0 : first + rest / count;
}
