import type { Random } from '../../../random.ts';
import { fallingExponential } from '../../falling-exponential.ts';
import { normalBetween } from '../../normal-distribution.ts';
import { type Dimension, lastStep, snap } from '../space.ts';
import type { Estimator } from './estimator.ts';
import { NormalMixture } from './normal-mixture.ts';
import type { Observations } from './observations.ts';

type Range = Extract<Dimension, { kind: 'range' }>;

/**
 * In deviations: farther from its mean a component counts as nothing. The prior, which counts at least as much as an observation and is
 * at most 100 times as wide, gives a hundred million times more there.
 */
const reach = 7;

/** In deviations: where both ends of the range are as far, no digit of a component's mass is outside. */
const wholeWithin = 8.5;

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
  /** Components, those of equal mean and deviation as one: on a grid many are. By ascending mean. */
  #count = 0;
  #means: Float64Array = new Float64Array(32);
  /** 1 / deviation. */
  #sharpness: Float64Array = new Float64Array(32);
  /** Of the density at the mean; on a grid, what the mass of a step is multiplied by. */
  #heights: Float64Array = new Float64Array(32);

  constructor(dimension: Range) {
    const { low, high, step } = dimension;
    this.#dimension = dimension;
    this.#half = (step ?? 0) / 2;
    this.#low = low - this.#half;
    this.#high = (step === undefined ? high : low + step * lastStep(low, high, step)) + this.#half;
    this.#mixture = new NormalMixture(this.#low, this.#high);
  }

  fit(observations: Observations): void {
    this.#mixture.fit(observations);
    const { means, deviations, weights, count } = this.#mixture;
    this.#grow(count);
    this.#count = 0;
    for (let place = 0; place < count; ) {
      const mean = means[place] as number;
      const deviation = deviations[place] as number;
      let weight = weights[place++] as number;
      while (place < count && means[place] === mean && deviations[place] === deviation)
        weight += weights[place++] as number;
      this.#add(mean, deviation, weight);
    }
  }

  /** From the nearest component outwards, by turns below and above. O(components). */
  density(value: number, enough: number): number {
    const count = this.#count;
    let above = firstFrom(this.#means, count, value);
    let below = above - 1;
    let sum = 0;
    while (below >= 0 && above < count && sum < enough)
      sum += this.#give(below--, value) + this.#give(above++, value);
    while (below >= 0 && sum < enough) sum += this.#give(below--, value);
    while (above < count && sum < enough) sum += this.#give(above++, value);
    return sum;
  }

  draw(random: Random): number {
    return snap(this.#dimension, this.#mixture.draw(random));
  }

  /** What a component gives to the density at a value. */
  #give(component: number, value: number): number {
    const sharpness = this.#sharpness[component] as number;
    const z = (value - (this.#means[component] as number)) * sharpness;
    const square = z * z;
    if (square > reach * reach) return 0;
    const height = this.#heights[component] as number;
    if (this.#half === 0) return height * fallingExponential(square / 2);
    const half = this.#half * sharpness;
    return height * normalBetween(z - half, z + half);
  }

  #add(mean: number, deviation: number, weight: number): void {
    const [below, above] = [(mean - this.#low) / deviation, (this.#high - mean) / deviation];
    const mass = below > wholeWithin && above > wholeWithin ? 1 : normalBetween(-below, above);
    this.#means[this.#count] = mean;
    this.#sharpness[this.#count] = 1 / deviation;
    this.#heights[this.#count] = weight / mass / (this.#half === 0 ? deviation * Math.sqrt(2 * Math.PI) : 1);
    this.#count += 1;
  }

  #grow(least: number): void {
    if (this.#means.length >= least) return;
    this.#means = new Float64Array(2 * least);
    this.#sharpness = new Float64Array(2 * least);
    this.#heights = new Float64Array(2 * least);
  }
}

/** The first place of ascending values at which there is `least` or more. */
function firstFrom(values: Float64Array, count: number, least: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
