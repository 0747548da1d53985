import type { Random } from '../../../random.ts';

/** A density over one dimension. */
export interface Estimator {
  /** The logarithm of the density, or of the probability where the dimension is a grid or a choice; at least that of 1e-300. */
  logDensity(value: number): number;
  /** A value that the dimension permits. */
  draw(random: Random): number;
}
