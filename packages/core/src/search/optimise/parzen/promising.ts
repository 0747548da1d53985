import type { Random } from '../../../random.ts';
import type { Dimension } from '../space.ts';
import type { Ascending } from './ascending.ts';
import { createEstimator } from './create-estimator.ts';
import type { Estimator } from './estimator.ts';
import type { Group } from './observations.ts';

/** Below it a density counts as this one. */
const leastDensity = 1e-300;

/** Proposes values of one dimension: of some that are distributed as those of good trials, the one that most exceeds the others' density. */
export class Promising {
  readonly #likely: Estimator;
  readonly #unlikely: Estimator;
  /** Drawn values, ascending, each once. */
  readonly #values: Float64Array;

  constructor(dimension: Dimension, candidates: number) {
    this.#likely = createEstimator(dimension);
    this.#unlikely = createEstimator(dimension);
    this.#values = new Float64Array(candidates);
  }

  /** The least of equally promising ones. */
  value({ count, values, order }: Ascending, good: Group, bad: Group, random: Random): number {
    this.#likely.fit({ count, values, order, group: good });
    this.#unlikely.fit({ count, values, order, group: bad });
    const drawn = this.#draw(random);
    let [best, most] = [this.#values[0] ?? Number.NaN, 0];
    for (let at = 0; at < drawn; at++) {
      const value = this.#values[at] as number;
      const likely = this.#likely.density(value, Number.POSITIVE_INFINITY);
      // Most values lose long before all of their density is added up.
      const enough = likely / most;
      const unlikely = this.#unlikely.density(value, enough);
      if (unlikely < enough) [best, most] = [value, likely / Math.max(leastDensity, unlikely)];
    }
    return best;
  }

  /** How many different values were drawn. */
  #draw(random: Random): number {
    const values = this.#values;
    let count = 0;
    for (let draw = 0; draw < values.length; draw++) {
      const value = this.#likely.draw(random);
      let place = count;
      while (place > 0 && (values[place - 1] as number) > value) place--;
      if (place > 0 && values[place - 1] === value) continue;
      for (let moved = count; moved > place; moved--) values[moved] = values[moved - 1] as number;
      values[place] = value;
      count += 1;
    }
    return count;
  }
}
