import type { Random } from '../../../random.ts';
import { normalBetween, standardNormal } from '../../normal-distribution.ts';
import { clamp, type Dimension, lastStep, snap } from '../space.ts';
import type { Estimator } from './estimator.ts';
import type { Observations } from './observations.ts';
import { pickWeighted } from './pick-weighted.ts';

type Range = Extract<Dimension, { kind: 'range' }>;

/** Normal components, truncated to [low, high]. */
interface Mixture {
  readonly low: number;
  readonly high: number;
  readonly step: number | undefined;
  readonly means: Float64Array;
  readonly deviations: Float64Array;
  readonly weights: Float64Array;
  /** Weight / the mass of the component within [low, high] (and, for densities, × 1 / (σ √2π)). */
  readonly factors: Float64Array;
}

/** Draws of one component until one is within the range: each is with a probability of at least a third. */
const mostDraws = 64;

const leastDensity = 1e-300;

/**
 * A mixture of one truncated normal component for each observation and one for the prior, whose mean is the middle and whose
 * deviation is the width. A grid is widened by half a step on both sides, and its values have the mass of a step.
 */
export function estimateRange(dimension: Range, observations: Observations): Estimator {
  if (dimension.low === dimension.high) return { logDensity: () => 0, draw: () => dimension.low };
  const mixture = mixtureOf(dimension, observations);
  return {
    logDensity: (value) => Math.log(Math.max(leastDensity, densityAt(mixture, value))),
    draw: (random) => snap(dimension, drawFrom(mixture, random)),
  };
}

function mixtureOf({ low, high, step }: Range, { values, weights }: Observations): Mixture {
  const half = (step ?? 0) / 2;
  const last = step === undefined ? high : low + step * lastStep(low, high, step);
  const bounds = { low: low - half, high: last + half };
  const middle = (bounds.low + bounds.high) / 2;
  const means = Float64Array.of(...values, middle);
  const deviations = deviationsOf(means, bounds.high - bounds.low);
  const total = weights.reduce((sum, weight) => sum + weight, 1);
  const normalised = Float64Array.of(...weights, 1).map((weight) => weight / total);
  const factors = normalised.map((weight, index) => {
    const [mean, deviation] = [means[index] ?? 0, deviations[index] ?? 1];
    const mass = normalBetween((bounds.low - mean) / deviation, (bounds.high - mean) / deviation);
    return step === undefined ? weight / mass / (deviation * Math.sqrt(2 * Math.PI)) : weight / mass;
  });
  return { ...bounds, step, means, deviations, weights: normalised, factors };
}

/**
 * The larger of the distances to the means on both sides, the only one at the ends; at least the width / min(100, components + 1)
 * and at most the width, which the prior (the last) always has.
 */
function deviationsOf(means: Float64Array, width: number): Float64Array {
  const order = Array.from(means, (_, index) => index);
  order.sort((left, right) => (means[left] ?? 0) - (means[right] ?? 0) || left - right);
  const least = width / Math.min(100, means.length + 1);
  const deviations = new Float64Array(means.length);
  for (const [place, index] of order.entries()) {
    const gap = (neighbour: number | undefined): number =>
      neighbour === undefined ? 0 : Math.abs((means[neighbour] ?? 0) - (means[index] ?? 0));
    deviations[index] = clamp(Math.max(gap(order[place - 1]), gap(order[place + 1])), least, width);
  }
  deviations[means.length - 1] = width;
  return deviations;
}

function densityAt({ means, deviations, factors, step }: Mixture, value: number): number {
  let sum = 0;
  for (let index = 0; index < means.length; index++) {
    const deviation = deviations[index] as number;
    const z = (value - (means[index] as number)) / deviation;
    if (step === undefined) sum += (factors[index] as number) * Math.exp((-z * z) / 2);
    else {
      const half = step / 2 / deviation;
      sum += (factors[index] as number) * normalBetween(z - half, z + half);
    }
  }
  return sum;
}

function drawFrom({ means, deviations, weights, low, high }: Mixture, random: Random): number {
  const component = pickWeighted(weights, random);
  const mean = means[component] ?? low;
  for (let draw = 0; draw < mostDraws; draw++) {
    const value = mean + (deviations[component] ?? 0) * standardNormal(random);
    if (value >= low && value <= high) return value;
  }
  return mean;
}
