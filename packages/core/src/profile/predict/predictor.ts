import type { Random } from '../../random.ts';
import type { Seconds } from '../../units.ts';
import type { PlacedSegment, TimedSegment } from './timed-segment.ts';

/** A way to learn times from times. Whoever evaluates one owns the split: `fit` sees nothing else than what it is given. */
export interface Predictor {
  /** What learned numbers say where they come from. */
  readonly source: 'predicted';
  /** One sentence with its paper. */
  readonly about: string;
  /**
   * Called once for a set of timings; the answer is called for any segment on any device. Learners that draw take all their randomness
   * from `random`. Throws InvalidInputError where `rows` is empty.
   */
  fit(rows: readonly TimedSegment[], random: Random): (segment: PlacedSegment) => Seconds;
}
