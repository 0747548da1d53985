import type { Estimator } from './estimator.ts';
import type { Observations } from './observations.ts';
import { pickWeighted } from './pick-weighted.ts';

/**
 * Each observation gives 1 to the choice that it is and 1 / (observations + 1) to every choice, normalised; the prior gives all
 * choices the same.
 */
export function estimateChoices(count: number, { values, weights }: Observations): Estimator {
  const everywhere = 1 / (values.length + 1);
  const total = weights.reduce((sum, weight) => sum + weight, 1);
  const probabilities = new Float64Array(count).fill(1 / count / total);
  for (const [index, value] of values.entries()) {
    const share = (weights[index] ?? 0) / total / (1 + count * everywhere);
    for (let choice = 0; choice < count; choice++)
      probabilities[choice] =
        (probabilities[choice] ?? 0) + share * (everywhere + (choice === value ? 1 : 0));
  }
  return {
    logDensity: (value) => Math.log(probabilities[value] ?? 0),
    draw: (random) => pickWeighted(probabilities, random),
  };
}
