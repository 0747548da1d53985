import { InvalidInputError } from '../../errors.ts';
import type { Random } from '../../random.ts';
import { type BoostedTrees, boostedValue, fitBoostedTrees } from '../../search/gradient-boosting.ts';
import { type Seconds, seconds } from '../../units.ts';
import { featuresOf } from './features.ts';
import { fitLayerCosts, type LayerCosts, layerCostSeconds } from './per-layer-type.ts';
import type { PlacedSegment, TimedSegment } from './timed-segment.ts';

/** What has been learned, JSON-able: what layers cost, and trees for what that leaves of a whole network's time. */
export interface TrainedPredictor {
  readonly costs: LayerCosts;
  readonly trees: BoostedTrees;
}

/** How far foretold times of held-out devices were off; written down when the predictor was trained. */
export interface HeldOutErrors {
  readonly devices: number;
  /** Of |ln(foretold / true)| over rows, as a factor: half the times, and nine in ten, are within it. */
  readonly medianFactor: number;
  readonly p90Factor: number;
  /** Mean of |foretold − true| / true over a device's rows; the median over devices, and the same of the bare roofline. */
  readonly medianErrorShare: number;
  readonly rooflineMedianErrorShare: number;
}

/** Where a trained predictor comes from. */
export interface Provenance {
  readonly date: string;
  readonly command: string;
  readonly seed: number;
  /** What was learned from, one source a text, with its number of rows. */
  readonly sources: readonly string[];
  readonly heldOut: HeldOutErrors;
}

/** The predictor that comes with the program, and where it comes from. */
export interface ShippedPredictor {
  readonly provenance: Provenance;
  readonly trained: TrainedPredictor;
}

/** Settings of the trees, fixed before the held-out figures were seen. */
export const boosting = {
  trees: 200,
  depth: 5,
  learningRate: 0.08,
  leafRows: 5,
  rowShare: 0.7,
  featureShare: 0.7,
  bins: 64,
};

/**
 * Gradient-boosted trees on the logarithm of time over a linear cost of the layers: COINFER's learner on Neurosurgeon's regression
 * (Kang et al. 2017). Throws InvalidInputError without rows.
 */
export function fitTrainedPredictor(rows: readonly TimedSegment[], random: Random): TrainedPredictor {
  if (rows.length === 0)
    throw new InvalidInputError('no timings to learn from, expected at least one', 'Measure some first.');
  const costs = fitLayerCosts(rows);
  const targets = rows.map((row) => Math.log(row.seconds / layerCostSeconds(costs, row)));
  return { costs, trees: fitBoostedTrees({ rows: rows.map(featuresOf), targets }, boosting, random) };
}

/** What a segment takes that runs as a whole. */
export function trainedSeconds(trained: TrainedPredictor, whole: PlacedSegment): Seconds {
  return seconds(layerCostSeconds(trained.costs, whole) * correctionOf(trained, whole));
}

/** What a part of `whole` takes: parts without common layers add up to it. */
export function trainedPartSeconds(
  trained: TrainedPredictor,
  part: PlacedSegment,
  whole: PlacedSegment,
): Seconds {
  return seconds(layerCostSeconds(trained.costs, part) * correctionOf(trained, whole));
}

function correctionOf({ trees }: TrainedPredictor, whole: PlacedSegment): number {
  return Math.exp(boostedValue(trees, featuresOf(whole)));
}
