import type { Random } from '../random.ts';
import { binFeatures, mostBins } from './binned-features.ts';
import { growTree, type TreeLimits } from './grow-tree.ts';
import { bootstrap, chooseSome, shareOf } from './random-rows.ts';
import { meanOf, type RegressionTree, requireSamples, type Samples, treeValue } from './regression-tree.ts';

export interface ForestOptions extends Partial<TreeLimits> {
  /** @default 100 */
  readonly trees?: number;
  /** Part of the features that each tree may ask about. @default 1 */
  readonly featureShare?: number;
  /** @default 256 */
  readonly bins?: number;
}

/** JSON-able; its value is the mean of the trees' values. */
export type RandomForest = readonly RegressionTree[];

/**
 * Trees on bootstrap samples, averaged: Breiman 2001, "Random forests". Differs from the paper in choosing the features once a tree,
 * not once a split, and in looking for splits among bins. No value lies outside the range of the targets. O(trees × depth ×
 * features × rows). Throws InvalidInputError for samples that cannot be learnt from.
 */
export function fitRandomForest(samples: Samples, options: ForestOptions, random: Random): RandomForest {
  requireSamples(samples);
  const features = binFeatures(samples.rows, options.bins ?? mostBins);
  const targets = Float64Array.from(samples.targets);
  const limits = { depth: options.depth ?? 20, leafRows: options.leafRows ?? 1 };
  const leaf = (rows: Int32Array): number => meanOf(Float64Array.from(rows, (row) => targets[row] ?? 0));
  const width = features.columns.length;
  return Array.from({ length: options.trees ?? 100 }, () => {
    const candidates = [...chooseSome(width, shareOf(options.featureShare ?? 1, width), random)];
    return growTree({ features, targets, candidates, limits, leaf }, bootstrap(targets.length, random));
  });
}

/** O(trees × depth). */
export function forestValue(forest: RandomForest, row: readonly number[]): number {
  return meanOf(forest.map((tree) => treeValue(tree, row)));
}
