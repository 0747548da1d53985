import type { Random } from '../../../random.ts';
import { normalBelow } from '../../normal-distribution.ts';
import { type Dimension, lastStep, snap } from '../space.ts';
import { Components } from './components.ts';
import type { Estimator } from './estimator.ts';
import { NormalMixture } from './normal-mixture.ts';
import type { Observations } from './observations.ts';

type Range = Extract<Dimension, { kind: 'range' }>;

/** In deviations: an end of the range that is as far cuts off less of a component's mass than Φ is uncertain by. */
const wholeWithin = 5.5;

/** In the mixture's least deviation: most components are narrower and count near their means only. */
const narrow = 2.5;

const rootOfTwoPi = Math.sqrt(2 * Math.PI);

/**
 * A mixture of one truncated normal component for each observation and one for the prior. A grid is widened by half a step on both
 * sides, and its values have the mass of a step.
 */
export class RangeEstimator implements Estimator {
  readonly #dimension: Range;
  readonly #low: number;
  readonly #high: number;
  /** Of a step; 0 = no grid. */
  readonly #half: number;
  readonly #mixture: NormalMixture;
  readonly #narrow = new Components();
  readonly #wide = new Components();
  /** [component]: of the density at its mean; on a grid, what the mass of a step is multiplied by. */
  #heights: Float64Array = new Float64Array(0);
  /** [trial]: the deviation with which its component's height was last computed, and that height at a weight of 1; they seldom change. */
  #knownDeviations: Float64Array = new Float64Array(0);
  #knownHeights: Float64Array = new Float64Array(0);
  readonly #priorHeight: number;

  constructor(dimension: Range) {
    const { low, high, step } = dimension;
    this.#dimension = dimension;
    this.#half = (step ?? 0) / 2;
    this.#low = low - this.#half;
    this.#high = (step === undefined ? high : low + step * lastStep(low, high, step)) + this.#half;
    this.#mixture = new NormalMixture(this.#low, this.#high);
    this.#priorHeight = this.#height((this.#low + this.#high) / 2, this.#high - this.#low);
  }

  fit(observations: Observations): void {
    this.#mixture.fit(observations);
    this.#remember(observations.count);
    this.#raise();
    const most = narrow * this.#mixture.leastDeviation;
    this.#narrow.take(this.#mixture, this.#heights, 0, most);
    this.#wide.take(this.#mixture, this.#heights, most, Number.POSITIVE_INFINITY);
  }

  density(value: number, enough: number): number {
    const sum = this.#wide.sum(value, this.#half, enough);
    return sum + this.#narrow.sum(value, this.#half, enough - sum);
  }

  draw(random: Random): number {
    return snap(this.#dimension, this.#mixture.draw(random));
  }

  #raise(): void {
    const { means, deviations, weights, trials, count } = this.#mixture;
    const heights = this.#heights;
    const knownHeights = this.#knownHeights;
    const knownDeviations = this.#knownDeviations;
    for (let place = 0; place < count; place++) {
      const trial = trials[place] as number;
      if (trial < 0) {
        heights[place] = (weights[place] as number) * this.#priorHeight;
        continue;
      }
      const deviation = deviations[place] as number;
      if (knownDeviations[trial] !== deviation) {
        knownDeviations[trial] = deviation;
        knownHeights[trial] = this.#height(means[place] as number, deviation);
      }
      heights[place] = (weights[place] as number) * (knownHeights[trial] as number);
    }
  }

  /** Makes room. */
  #remember(trials: number): void {
    if (this.#heights.length > trials) return;
    const length = 2 * trials + 1;
    const [deviations, heights] = [this.#knownDeviations, this.#knownHeights];
    this.#heights = new Float64Array(length);
    this.#knownDeviations = new Float64Array(length);
    this.#knownDeviations.set(deviations);
    this.#knownHeights = new Float64Array(length);
    this.#knownHeights.set(heights);
  }

  #height(mean: number, deviation: number): number {
    const below = (mean - this.#low) / deviation;
    const above = (this.#high - mean) / deviation;
    let mass = 1;
    if (below < wholeWithin) mass -= normalBelow(-below);
    if (above < wholeWithin) mass -= normalBelow(-above);
    return 1 / (this.#half === 0 ? mass * deviation * rootOfTwoPi : mass);
  }
}
