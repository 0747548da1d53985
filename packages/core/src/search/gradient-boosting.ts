import type { Random } from '../random.ts';
import { binFeatures, mostBins } from './binned-features.ts';
import { growTree, type TreeLimits } from './grow-tree.ts';
import { chooseSome, shareOf } from './random-rows.ts';
import { meanOf, type RegressionTree, requireSamples, type Samples, treeValue } from './regression-tree.ts';

export interface BoostingOptions extends Partial<TreeLimits> {
  /** @default 100 */
  readonly trees?: number;
  /** What part of each tree's correction is taken, in (0, 1]. @default 0.1 */
  readonly learningRate?: number;
  /** Part of the rows that each tree sees. @default 1 */
  readonly rowShare?: number;
  /** Part of the features that each tree may ask about. @default 1 */
  readonly featureShare?: number;
  /** Added to the number of rows of a leaf when its mean is taken: shrinks leaves of few rows. @default 0 */
  readonly shrinkage?: number;
  /** @default 256 */
  readonly bins?: number;
}

/** JSON-able: base + sum of the trees' values. */
export interface BoostedTrees {
  readonly base: number;
  readonly trees: readonly RegressionTree[];
}

const defaults = {
  trees: 100,
  learningRate: 0.1,
  rowShare: 1,
  featureShare: 1,
  shrinkage: 0,
  bins: mostBins,
};

/**
 * Gradient boosting for squared error: Friedman 2001, "Greedy function approximation", algorithm 2, with the subsampling of Friedman
 * 2002, on binned features. Defaults are scikit-learn's (depth 3). Where rowShare is 1 and shrinkage 0, the squared error on the
 * samples never rises from tree to tree. Only the order of a feature's values matters; the same random generator gives the same
 * model. O(trees × depth × features × rows). Throws InvalidInputError for samples that cannot be learnt from.
 */
export function fitBoostedTrees(samples: Samples, options: BoostingOptions, random: Random): BoostedTrees {
  requireSamples(samples);
  const settings = { ...defaults, ...options };
  const limits = { depth: options.depth ?? 3, leafRows: options.leafRows ?? 1 };
  const features = binFeatures(samples.rows, settings.bins);
  const base = meanOf(samples.targets);
  const residuals = Float64Array.from(samples.targets, (target) => target - base);
  const leaf = (rows: Int32Array): number =>
    settings.learningRate * shrunkMean(rows, residuals, settings.shrinkage);
  const trees = Array.from({ length: settings.trees }, () => {
    const width = features.columns.length;
    const rows = chooseSome(residuals.length, shareOf(settings.rowShare, residuals.length), random);
    const candidates = [...chooseSome(width, shareOf(settings.featureShare, width), random)];
    const tree = growTree({ features, targets: residuals, candidates, limits, leaf }, rows);
    for (const [index, row] of samples.rows.entries())
      residuals[index] = (residuals[index] ?? 0) - treeValue(tree, row);
    return tree;
  });
  return { base, trees };
}

function shrunkMean(rows: Int32Array, values: Float64Array, shrinkage: number): number {
  let sum = 0;
  for (const row of rows) sum += values[row] ?? 0;
  return sum / (rows.length + shrinkage);
}

/** O(trees × depth). */
export function boostedValue(model: BoostedTrees, row: readonly number[]): number {
  let sum = model.base;
  for (const tree of model.trees) sum += treeValue(tree, row);
  return sum;
}
