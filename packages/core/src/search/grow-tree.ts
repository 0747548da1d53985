import { type BinnedFeatures, mostBins } from './binned-features.ts';
import type { RegressionTree } from './regression-tree.ts';

export interface TreeLimits {
  /** Most questions from the root to a leaf; 0 = the mean alone. */
  readonly depth: number;
  /** Fewest rows in a leaf. */
  readonly leafRows: number;
}

interface Split {
  readonly feature: number;
  /** Rows in bins up to this one go left. */
  readonly bin: number;
  /** By how much the squared error falls. */
  readonly gain: number;
}

/** What one tree is grown from. */
export interface TreeTask {
  readonly features: BinnedFeatures;
  /** One a row of the whole sample. */
  readonly targets: Float64Array;
  /** The features that may be asked about. */
  readonly candidates: readonly number[];
  readonly limits: TreeLimits;
  /** The value of a leaf that holds these rows. */
  readonly leaf: (rows: Int32Array) => number;
}

/**
 * A regression tree after Breiman et al. 1984 (CART): each split is the one that lowers the squared error most; ties go to the first
 * feature and the smallest threshold. `rows` may repeat a row (a bootstrap) and is reordered. O(depth × candidates × rows).
 */
export function growTree(
  task: TreeTask,
  rows: Int32Array,
  depth: number = task.limits.depth,
): RegressionTree {
  const split = depth > 0 && rows.length >= 2 * task.limits.leafRows ? bestSplit(task, rows) : null;
  if (split === null) return task.leaf(rows);
  const column = task.features.columns[split.feature] ?? new Uint8Array();
  const middle = partition(rows, column, split.bin);
  return [
    split.feature,
    task.features.edges[split.feature]?.[split.bin] ?? 0,
    growTree(task, rows.subarray(0, middle), depth - 1),
    growTree(task, rows.subarray(middle), depth - 1),
  ];
}

function bestSplit(task: TreeTask, rows: Int32Array): Split | null {
  const sums = new Float64Array(mostBins);
  const counts = new Int32Array(mostBins);
  let best: Split | null = null;
  for (const feature of task.candidates) {
    const bins = (task.features.edges[feature]?.length ?? 0) + 1;
    if (bins === 1) continue;
    fillHistogram(task, rows, feature, sums.fill(0, 0, bins), counts.fill(0, 0, bins));
    const split = bestBin(feature, bins, sums, counts, rows.length, task.limits.leafRows);
    if (split !== null && split.gain > (best?.gain ?? 0)) best = split;
  }
  return best;
}

function fillHistogram(
  { features, targets }: TreeTask,
  rows: Int32Array,
  feature: number,
  sums: Float64Array,
  counts: Int32Array,
): void {
  const column = features.columns[feature] ?? new Uint8Array();
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index] ?? 0;
    const bin = column[row] ?? 0;
    sums[bin] = (sums[bin] ?? 0) + (targets[row] ?? 0);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
}

/** Relative to the targets' squares: below it, a gain is rounding. */
const roundingGain = 1e-12;

function bestBin(
  feature: number,
  bins: number,
  sums: Float64Array,
  counts: Int32Array,
  rows: number,
  leafRows: number,
): Split | null {
  let total = 0;
  for (let bin = 0; bin < bins; bin++) total += sums[bin] ?? 0;
  let best: Split | null = null;
  let leftSum = 0;
  let leftRows = 0;
  for (let bin = 0; bin < bins - 1; bin++) {
    leftSum += sums[bin] ?? 0;
    leftRows += counts[bin] ?? 0;
    if (counts[bin] === 0 || leftRows < leafRows) continue;
    if (rows - leftRows < leafRows) break;
    const score = leftSum ** 2 / leftRows + (total - leftSum) ** 2 / (rows - leftRows);
    const gain = score - total ** 2 / rows;
    if (gain > Math.max(best?.gain ?? 0, roundingGain * score)) best = { feature, bin, gain };
  }
  return best;
}

/** Rows of bins up to `bin` first, both sides in their order; returns how many they are. */
function partition(rows: Int32Array, column: Uint8Array, bin: number): number {
  const right: number[] = [];
  let left = 0;
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index] ?? 0;
    if ((column[row] ?? 0) <= bin) rows[left++] = row;
    else right.push(row);
  }
  rows.set(right, left);
  return left;
}
