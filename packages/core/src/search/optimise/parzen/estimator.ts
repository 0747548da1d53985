import type { Random } from '../../../random.ts';
import type { Observations } from './observations.ts';

/** A density over one dimension, fitted anew as there are more observations. */
export interface Estimator {
  fit(observations: Observations): void;
  /**
   * The density at a value, or the probability where the dimension is a grid or a choice; where that is above `enough`, perhaps only a
   * part of it that is at least `enough`.
   */
  density(value: number, enough: number): number;
  /** A value that the dimension permits. */
  draw(random: Random): number;
}
