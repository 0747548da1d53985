import { InvalidInputError } from '../../errors.ts';
import type { Random } from '../../random.ts';
import { boostedValue, fitBoostedTrees } from '../../search/gradient-boosting.ts';
import { fitRandomForest, forestValue } from '../../search/random-forest.ts';
import { seconds } from '../../units.ts';
import { featuresOf, kindwiseRoofline, totalFlops } from './features.ts';
import { fitLayerCosts, layerCostSeconds } from './per-layer-type.ts';
import type { Predictor } from './predictor.ts';
import type { PlacedSegment, TimedSegment } from './timed-segment.ts';
import { boosting, fitTrainedPredictor, trainedSeconds } from './trained-predictor.ts';

/** Seconds as a plain number; the last step brands them. */
type Estimate = (segment: PlacedSegment) => number;
type Learner = (rows: readonly TimedSegment[], random: Random) => Estimate;

export type PredictorName =
  | 'flops-peak'
  | 'roofline'
  | 'per-layer-type'
  | 'forest'
  | 'boosted'
  | 'boosted-regression';

/** Every predictor by name, from the simplest to the most learned. */
export const predictors: Readonly<Record<PredictorName, Predictor>> = {
  'flops-peak': predictor('Operations over peak rate, times one learned constant.', (rows) =>
    scaled(rows, ({ work, device }) => totalFlops(work) / device.flopsPerSecond),
  ),
  roofline: predictor(
    'The larger of compute and memory time, kind of layer by kind of layer (Williams et al. 2009), times one learned constant.',
    (rows) => scaled(rows, kindwiseRoofline),
  ),
  'per-layer-type': predictor(
    'A linear regression with one cost a kind of layer (Neurosurgeon, Kang et al. 2017), over the device’s rates.',
    perLayerType,
  ),
  forest: predictor(
    'Random forest (nn-Meter’s learner, Zhang et al. 2021, on whole segments and on log time).',
    onLogTime(
      (samples, random) => {
        const forest = fitRandomForest(
          samples,
          { trees: 40, leafRows: 2, featureShare: 0.6, bins: 64 },
          random,
        );
        return (row) => forestValue(forest, row);
      },
      () => () => 1,
    ),
  ),
  boosted: predictor(
    'Gradient-boosted trees on log time (COINFER).',
    onLogTime(
      (samples, random) => {
        const model = fitBoostedTrees(samples, boosting, random);
        return (row) => boostedValue(model, row);
      },
      () => () => 1,
    ),
  ),
  'boosted-regression': predictor(
    'Gradient-boosted trees on the logarithm of time over the per-layer-type regression: they learn its error.',
    (rows, random) => {
      const trained = fitTrainedPredictor(rows, random);
      return (segment) => trainedSeconds(trained, segment);
    },
  ),
};

function predictor(about: string, learn: Learner): Predictor {
  return {
    about,
    source: 'predicted',
    fit: (rows, random) => {
      if (rows.length === 0)
        throw new InvalidInputError('no timings to learn from, expected at least one', 'Measure some first.');
      const estimate = learn(rows, random);
      return (segment) => seconds(estimate(segment));
    },
  };
}

/** The estimate times the constant that centres its relative errors. */
function scaled(rows: readonly TimedSegment[], estimate: Estimate): Estimate {
  const errors = rows.map((row) => Math.log(row.seconds / estimate(row)));
  const factor = Math.exp(errors.reduce((sum, error) => sum + error, 0) / errors.length);
  return (segment) => factor * estimate(segment);
}

function perLayerType(rows: readonly TimedSegment[]): Estimate {
  const costs = fitLayerCosts(rows);
  return (segment) => layerCostSeconds(costs, segment);
}

type TreeLearner = (
  samples: { readonly rows: number[][]; readonly targets: number[] },
  random: Random,
) => (row: readonly number[]) => number;

/** Trees on log(time / what `first` says); `first` learns from the same rows and from nothing else. */
function onLogTime(learn: TreeLearner, first: Learner): Learner {
  return (rows, random) => {
    const base = first(rows, random);
    const targets = rows.map((row) => Math.log(row.seconds / base(row)));
    const value = learn({ rows: rows.map(featuresOf), targets }, random);
    return (segment) => base(segment) * Math.exp(value(featuresOf(segment)));
  };
}
