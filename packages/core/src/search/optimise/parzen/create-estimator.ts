import type { Dimension } from '../space.ts';
import { ChoiceEstimator } from './choice-estimator.ts';
import type { Estimator } from './estimator.ts';
import { OnlyValue } from './only-value.ts';
import { RangeEstimator } from './range-estimator.ts';

/** A Parzen estimator of observations of a dimension, to which a prior of weight 1 over the whole dimension is added. */
export function createEstimator(dimension: Dimension): Estimator {
  if (dimension.kind === 'choice') return new ChoiceEstimator(dimension.count);
  return dimension.low === dimension.high ? new OnlyValue(dimension.low) : new RangeEstimator(dimension);
}
