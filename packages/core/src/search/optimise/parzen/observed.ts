import type { Point } from '../space.ts';
import { Ascending } from './ascending.ts';
import { type Group, groupOf } from './observations.ts';

/** The share of the trials that counts as good, and the most that do. */
const goodShare = 0.1;
const mostGood = 25;

/** All trials, kept in ascending order of their values and, in each dimension, of their coordinates. */
export class Observed {
  readonly axes: readonly Ascending[];
  readonly #values = new Ascending();

  constructor(dimensions: number) {
    this.axes = Array.from({ length: dimensions }, () => new Ascending());
  }

  /** Adds the trials that it has not seen yet. */
  update(points: readonly Point[], values: readonly number[]): void {
    for (let trial = this.#values.count; trial < values.length; trial++) {
      this.#values.add(values[trial] ?? Number.POSITIVE_INFINITY);
      for (const [axis, observed] of this.axes.entries()) observed.add(points[trial]?.[axis] ?? 0);
    }
  }

  /** The tenth of the trials with the least values, and the rest; what is infeasible is never good. O(trials). */
  groups(): { readonly good: Group; readonly bad: Group } {
    const { count, values, order } = this.#values;
    const isGood = new Uint8Array(count);
    for (const trial of order.subarray(0, Math.min(mostGood, Math.ceil(goodShare * count))))
      if ((values[trial] ?? 0) < Number.POSITIVE_INFINITY) isGood[trial] = 1;
    const good: number[] = [];
    const bad: number[] = [];
    for (let trial = 0; trial < count; trial++) (isGood[trial] === 1 ? good : bad).push(trial);
    return { good: groupOf(good, count), bad: groupOf(bad, count) };
  }
}
