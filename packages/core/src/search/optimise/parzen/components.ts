import { fallingExponential } from '../../falling-exponential.ts';
import { normalBetween } from '../../normal-distribution.ts';
import type { NormalMixture } from './normal-mixture.ts';

/**
 * In deviations: farther from its mean a component counts as nothing. The prior, which counts at least as much as an observation and is
 * at most 100 times as wide, gives half a million times more there.
 */
const reach = 6;

/** Normal components by ascending mean, each with a height, and what they add up to at a value. */
export class Components {
  #count = 0;
  #means: Float64Array = new Float64Array(32);
  /** 1 / (√2 × deviation): e to minus the square of the distance times it is the shape. */
  #sharpness: Float64Array = new Float64Array(32);
  #heights: Float64Array = new Float64Array(32);
  #widest = 0;

  /**
   * Of a mixture's components and their heights it takes those whose deviation is above `least` and at most `most`; of equal mean and
   * deviation as one, as many are on a grid.
   */
  take(mixture: NormalMixture, heights: Float64Array, least: number, most: number): void {
    const { means, deviations, count } = mixture;
    if (this.#means.length < count) this.#grow(2 * count);
    let last = -1;
    let before = 0;
    let widest = 0;
    for (let place = 0; place < count; place++) {
      const deviation = deviations[place] as number;
      if (deviation <= least || deviation > most) continue;
      const mean = means[place] as number;
      const height = heights[place] as number;
      if (last >= 0 && deviation === before && mean === this.#means[last]) {
        this.#heights[last] = (this.#heights[last] as number) + height;
        continue;
      }
      last += 1;
      before = deviation;
      this.#means[last] = mean;
      this.#sharpness[last] = Math.SQRT1_2 / deviation;
      this.#heights[last] = height;
      if (deviation > widest) widest = deviation;
    }
    this.#count = last + 1;
    this.#widest = widest;
  }

  /**
   * Shapes times heights, `half` of a step to both sides or at the value itself where that is 0; from the nearest component outwards,
   * by turns below and above, until it is `enough`. O(components within reach).
   */
  sum(value: number, half: number, enough: number): number {
    const means = this.#means;
    const sharpness = this.#sharpness;
    const heights = this.#heights;
    const within = reach * this.#widest + half;
    const first = firstFrom(means, this.#count, value - within);
    const end = firstFrom(means, this.#count, value + within);
    let above = firstFrom(means, end, value);
    let below = above - 1;
    let sum = 0;
    while (sum < enough && (below >= first || above < end)) {
      if (below >= first) {
        const sharp = sharpness[below] as number;
        sum += (heights[below] as number) * shape((value - (means[below] as number)) * sharp, half * sharp);
        below -= 1;
      }
      if (above < end) {
        const sharp = sharpness[above] as number;
        sum += (heights[above] as number) * shape(((means[above] as number) - value) * sharp, half * sharp);
        above += 1;
      }
    }
    return sum;
  }

  #grow(length: number): void {
    this.#means = new Float64Array(length);
    this.#sharpness = new Float64Array(length);
    this.#heights = new Float64Array(length);
  }
}

/** Of a component of height 1: at a distance in deviations / √2, the mass within half a step around it, or without steps the density. */
function shape(distance: number, half: number): number {
  const square = distance * distance;
  if (half === 0) return square > (reach * reach) / 2 ? 0 : fallingExponential(square);
  return normalBetween((distance - half) * Math.SQRT2, (distance + half) * Math.SQRT2);
}

/** The first place of ascending values at which there is `least` or more. */
function firstFrom(values: Float64Array, count: number, least: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
