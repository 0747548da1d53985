import type { Random } from '../../../random.ts';
import type { Estimator } from './estimator.ts';
import type { Observations } from './observations.ts';
import { pickWeighted } from './pick-weighted.ts';

/**
 * Each observation gives 1 to the choice that it is and 1 / (observations + 1) to every choice, normalised; the prior gives all
 * choices the same.
 */
export class ChoiceEstimator implements Estimator {
  readonly #probabilities: Float64Array;

  constructor(count: number) {
    this.#probabilities = new Float64Array(count);
  }

  /** O(observations + choices). */
  fit({ values, group }: Observations): void {
    const probabilities = this.#probabilities;
    const count = probabilities.length;
    const everywhere = 1 / (group.trials.length + 1);
    const own = 1 / (1 + count * everywhere);
    probabilities.fill(group.priorWeight / count + (1 - group.priorWeight) * own * everywhere);
    for (const trial of group.trials) {
      const choice = values[trial] ?? 0;
      probabilities[choice] = (probabilities[choice] ?? 0) + own * (group.weights[trial] ?? 0);
    }
  }

  density(value: number): number {
    return this.#probabilities[value] ?? 0;
  }

  draw(random: Random): number {
    return pickWeighted(this.#probabilities, random);
  }
}
