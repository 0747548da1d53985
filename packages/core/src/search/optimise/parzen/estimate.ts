import type { Dimension } from '../space.ts';
import { estimateChoices } from './choice-estimator.ts';
import type { Estimator } from './estimator.ts';
import type { Observations } from './observations.ts';
import { estimateRange } from './range-estimator.ts';

/** The Parzen estimator of a group of observations, to which a prior of weight 1 over the whole dimension is added. */
export function estimate(dimension: Dimension, observations: Observations): Estimator {
  return dimension.kind === 'choice'
    ? estimateChoices(dimension.count, observations)
    : estimateRange(dimension, observations);
}
