import type { ChainProblem } from './chain-problem.ts';
import type { ChainTimes } from './chain-times.ts';
import type { MachineSets } from './machine-sets.ts';

/**
 * How far machines get under a limit on the longest time if every handover were as short as the shortest at its place, every run as short as
 * one that contains it, and the input anywhere: bounds for every assignment. Then only the place counts that is reached, and the furthest
 * is best, so that a pass over the sets of machines suffices: O(kinds × (units + sets)).
 */
export class ChainReach {
  /** [kind, end]: where a run that ends there begins at the earliest. */
  readonly #begins: Int32Array;
  /** [kind, first]: where a run that begins there ends at the latest. */
  readonly ends: Int32Array;
  /** [set]: the first position from which these machines can do the rest of the chain. */
  readonly needs: Int32Array;
  readonly #problem: ChainProblem;
  readonly #times: ChainTimes;
  readonly #sets: MachineSets;

  constructor(problem: ChainProblem, times: ChainTimes, sets: MachineSets) {
    this.#problem = problem;
    this.#times = times;
    this.#sets = sets;
    this.#begins = new Int32Array(sets.kinds * times.width);
    this.ends = new Int32Array(sets.kinds * times.width);
    this.needs = new Int32Array(sets.size);
  }

  /** Overwrites what was found for another limit; whether all machines together can do the chain. */
  within(limit: number): boolean {
    for (let kind = 0; kind < this.#sets.kinds; kind++) this.#lookAround(kind, limit);
    this.needs.fill(this.#problem.units);
    for (let set = 1; set < this.#sets.size; set++) {
      let earliest = this.#problem.units;
      for (let kind = 0; kind < this.#sets.kinds; kind++) {
        if (this.#sets.used(set, kind) === 0) continue;
        const end = this.needs[this.#sets.without(set, kind)] as number;
        const begin = this.#begins[kind * this.#times.width + end] as number;
        if (begin < earliest) earliest = begin;
      }
      this.needs[set] = earliest;
    }
    return this.needs[this.#sets.size - 1] === 0;
  }

  /** A machine without a run that fits begins where it ends. */
  #lookAround(kind: number, limit: number): void {
    const { width, least, leastHandovers } = this.#times;
    const { units } = this.#problem;
    const [begins, ends, row] = [this.#begins, this.ends, kind * width];
    let first = 0;
    let open = 0;
    for (let end = 0; end < width; end++) {
      while (first < end && (least[(row + first) * width + end] as number) > limit)
        ends[row + first++] = end - 1;
      if (open < first) open = first;
      while (open < end && (leastHandovers[open] as number) > limit) open++;
      begins[row + end] = open;
    }
    while (first < width) ends[row + first++] = units;
    if (this.#problem.leaving(kind) > limit) begins[row + units] = units;
  }
}
