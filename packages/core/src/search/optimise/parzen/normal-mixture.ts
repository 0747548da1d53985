import type { Random } from '../../../random.ts';
import { standardNormal } from '../../normal-distribution.ts';
import type { Observations } from './observations.ts';

/** Draws of one component until one is within the range: each is with a probability of at least a third. */
const mostDraws = 64;

/**
 * A normal component for each observation of a group and one for the prior, in ascending order of their means. The prior's mean is the
 * middle and its deviation the width. That of another is the larger of the distances to the means on both sides, the only one at the
 * ends; at least the width / min(100, components + 1) and at most the width. Its arrays are used again by each fit.
 */
export class NormalMixture {
  count = 0;
  means: Float64Array = new Float64Array(32);
  deviations: Float64Array = new Float64Array(32);
  /** They sum to 1. */
  weights: Float64Array = new Float64Array(32);
  /** What narrower ones are widened to. */
  leastDeviation = 0;
  readonly #low: number;
  readonly #high: number;
  #observations: Observations | null = null;
  /** The trial of each component; −1 = the prior's. */
  trials: Int32Array = new Int32Array(32);
  /** [trial]: the place of its component. */
  #places = new Int32Array(32);
  #priorPlace = 0;

  constructor(low: number, high: number) {
    this.#low = low;
    this.#high = high;
  }

  /** O(trials). */
  fit(observations: Observations): void {
    this.#observations = observations;
    this.#grow(observations.count + 1);
    this.#place(observations);
    this.#widen();
  }

  /** A value within the range. O(components). */
  draw(random: Random): number {
    const place = this.#pick(random);
    const mean = this.means[place] ?? this.#low;
    const deviation = this.deviations[place] ?? 0;
    for (let draw = 0; draw < mostDraws; draw++) {
      const value = mean + deviation * standardNormal(random);
      if (value >= this.#low && value <= this.#high) return value;
    }
    return mean;
  }

  /** The prior stands behind its equals. */
  #place({ count, values, order, group }: Observations): void {
    const middle = (this.#low + this.#high) / 2;
    const { means, weights, trials } = this;
    const places = this.#places;
    let [place, priorPlace] = [0, -1];
    for (let at = 0; at < count; at++) {
      const trial = order[at] as number;
      const weight = group.weights[trial] as number;
      if (weight === 0) continue;
      const value = values[trial] as number;
      if (priorPlace < 0 && value > middle) priorPlace = place++;
      places[trial] = place;
      trials[place] = trial;
      means[place] = value;
      weights[place++] = weight;
    }
    if (priorPlace < 0) priorPlace = place++;
    trials[priorPlace] = -1;
    means[priorPlace] = middle;
    weights[priorPlace] = group.priorWeight;
    this.#priorPlace = priorPlace;
    this.count = place;
  }

  #widen(): void {
    const { means, deviations, count } = this;
    const width = this.#high - this.#low;
    const least = width / Math.min(100, count + 1);
    this.leastDeviation = least;
    let before = 0;
    for (let place = 0; place < count; place++) {
      const behind = place + 1 === count ? 0 : (means[place + 1] as number) - (means[place] as number);
      const gap = before > behind ? before : behind;
      deviations[place] = gap < least ? least : gap > width ? width : gap;
      before = behind;
    }
    deviations[this.#priorPlace] = width;
  }

  /** In the order of the trials and then the prior. */
  #pick(random: Random): number {
    const { trials, weights } = this.#observations?.group ?? { trials: [], weights: this.weights };
    let left = random.next();
    for (let at = 0; at < trials.length; at++) {
      const trial = trials[at] as number;
      left -= weights[trial] as number;
      if (left < 0) return this.#places[trial] as number;
    }
    return this.#priorPlace;
  }

  #grow(least: number): void {
    if (this.means.length >= least) return;
    this.means = new Float64Array(2 * least);
    this.deviations = new Float64Array(2 * least);
    this.weights = new Float64Array(2 * least);
    this.trials = new Int32Array(2 * least);
    this.#places = new Int32Array(2 * least);
  }
}
