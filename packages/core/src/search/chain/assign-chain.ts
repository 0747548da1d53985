import type { PacedSearch } from '../paced-search.ts';
import {
  type ChainAssignment,
  type ChainProblem,
  type ChainRun,
  longestTime,
  requireChain,
} from './chain-problem.ts';
import { ChainReach } from './chain-reach.ts';
import { type ChainTimes, chainTimes } from './chain-times.ts';
import { MachineSets } from './machine-sets.ts';

/** Steps of a loop between two yields: about a tenth of a millisecond. */
const piece = 16_384;
/** The least limit under which the bounds allow an assignment is found up to this share. */
const precision = 1 / 256;
const mostSteps = 40;
/** How far above that limit assignments are looked for, until there is one. */
const slacks = [1.01, 1.05, 1.15, 1.4, 2, 4] as const;

/**
 * The assignment of a chain to unequal machines of the greatest throughput: of the least longest time, exact (the problem of PipeEdge,
 * Hu et al. 2022, with handovers that depend on both machines, limits of memory, and machines that need not be used). A dynamic
 * program over (machines used, kind of the last, position), which expects nothing of times and memory, so a longer run may take less:
 * O(sets × kinds × units × (units + kinds)), sets = Π (count + 1). It looks for assignments under a limit first, and only at
 * positions from which the machines left can do the rest within it by `ChainReach`; whatever is found so is best. Of equal assignments the
 * one with fewest runs. Null where no assignment fits. Throws InvalidInputError for a malformed or too large problem.
 */
export function* assignChain(problem: ChainProblem): PacedSearch<ChainAssignment | null> {
  requireChain(problem);
  const search = new ChainSearch(problem, yield* chainTimes(problem));
  const runs = yield* search.best();
  return runs === null ? null : { runs, value: longestTime(problem, runs) };
}

interface Found {
  readonly value: number;
  readonly machines: number;
  readonly set: number;
  /** Of the last run; −1 = nothing found. */
  readonly kind: number;
}

class ChainSearch {
  readonly #problem: ChainProblem;
  readonly #times: ChainTimes;
  readonly #sets: MachineSets;
  readonly #reach: ChainReach;
  readonly #units: number;
  readonly #kinds: number;
  readonly #width: number;
  /** [set, kind of the last, position]: the least longest time in which the units before the position can be done. */
  readonly #values: Float64Array;
  /** [position]: the least longest time up to the start of a run, of the set and kind looked at. */
  readonly #starts: Float64Array;
  #steps = 0;

  constructor(problem: ChainProblem, times: ChainTimes) {
    this.#problem = problem;
    this.#times = times;
    this.#sets = new MachineSets(problem.counts);
    this.#reach = new ChainReach(problem, times, this.#sets);
    this.#units = problem.units;
    this.#kinds = problem.counts.length;
    this.#width = times.width;
    this.#values = new Float64Array(this.#sets.size * this.#kinds * this.#width);
    this.#starts = new Float64Array(this.#width);
  }

  *best(): PacedSearch<readonly ChainRun[] | null> {
    const least = yield* this.#leastLimit();
    for (const limit of [...slacks.map((slack) => least * slack), Number.POSITIVE_INFINITY]) {
      if (!this.#reach.within(limit)) continue;
      const { set, kind } = yield* this.#bestWithin(limit);
      if (kind >= 0) return this.#traced(set, kind);
    }
    return null;
  }

  /** A limit under which the bounds allow an assignment, and hardly below; +∞ where there is none. */
  *#leastLimit(): PacedSearch<number> {
    let low = 0;
    let high = this.#longestTime();
    if (!this.#reach.within(high)) return Number.POSITIVE_INFINITY;
    for (let step = 0; step < mostSteps && high - low > high * precision; step++) {
      yield;
      const middle = (low + high) / 2;
      if (this.#reach.within(middle)) high = middle;
      else low = middle;
    }
    return high;
  }

  #longestTime(): number {
    let longest = Math.max(this.#times.longestRun, this.#times.longestHandover);
    for (let kind = 0; kind < this.#kinds; kind++) {
      const time = this.#problem.leaving(kind);
      if (time !== Number.POSITIVE_INFINITY) longest = Math.max(longest, time);
    }
    return longest;
  }

  /** The best of all assignments whose longest time is within the limit. */
  *#bestWithin(limit: number): PacedSearch<Found> {
    let least: Found = { value: limit, machines: Number.POSITIVE_INFINITY, set: 0, kind: -1 };
    for (let set = 1; set < this.#sets.size; set++) {
      for (let kind = 0; kind < this.#kinds; kind++) {
        if (this.#sets.used(set, kind) === 0) continue;
        this.#extend(set, kind, least.value);
        if (this.#steps > piece) {
          yield;
          this.#steps = 0;
        }
        const done = this.#values[this.#row(set, kind) + this.#units] as number;
        const value = Math.max(done, this.#problem.leaving(kind));
        if (value > least.value || value === Number.POSITIVE_INFINITY) continue;
        const machines = this.#sets.machines(set);
        if (value < least.value || machines < least.machines) least = { value, machines, set, kind };
      }
    }
    return least;
  }

  /** Works out the row of a set whose last machine is of the kind; what would exceed `limit`, or leave too much to the others, is +∞. */
  #extend(set: number, kind: number, limit: number): void {
    const { runs } = this.#times;
    const values = this.#values;
    const row = this.#row(set, kind);
    const from = this.#reach.needs[this.#sets.others(set)] as number;
    values.fill(Number.POSITIVE_INFINITY, row + from, row + this.#width);
    const begin = this.#startsOf(set, kind);
    const starts = this.#starts;
    for (let first = begin; first < this.#units; first++) {
      const start = starts[first] as number;
      if (start > limit || start === Number.POSITIVE_INFINITY) continue;
      const times = (kind * this.#width + first) * this.#width;
      const last = this.#reach.ends[kind * this.#width + first] as number;
      for (let end = first < from ? from : first + 1; end <= last; end++) {
        const time = runs[times + end] as number;
        const value = time > start ? time : start;
        if (value < (values[row + end] as number)) values[row + end] = value;
      }
      this.#steps += last > first ? last - first : 0;
    }
  }

  /** Works out from where on the machine can start, and returns the first position of these. */
  #startsOf(set: number, kind: number): number {
    const before = this.#sets.without(set, kind);
    const starts = this.#starts;
    if (before === 0) {
      starts.fill(Number.POSITIVE_INFINITY);
      starts[0] = this.#problem.entering(kind);
      return 0;
    }
    const begin = Math.max(1, this.#reach.needs[this.#sets.others(before)] as number);
    starts.fill(Number.POSITIVE_INFINITY, begin);
    for (let last = 0; last < this.#kinds; last++) {
      if (this.#sets.used(before, last) === 0) continue;
      const row = this.#row(before, last);
      const pass = (last * this.#kinds + kind) * this.#width;
      for (let position = begin; position < this.#units; position++) {
        const value = this.#values[row + position] as number;
        const handover = this.#times.handovers[pass + position] as number;
        const later = value > handover ? value : handover;
        if (later < (starts[position] as number)) starts[position] = later;
      }
      this.#steps += this.#units - begin;
    }
    return begin;
  }

  #traced(set: number, kind: number): readonly ChainRun[] {
    const runs: ChainRun[] = [];
    let [left, last, end] = [set, kind, this.#units];
    for (;;) {
      const first = this.#startOf(left, last, end);
      runs.push({ kind: last, first, end });
      if (first === 0) return runs.reverse();
      left = this.#sets.without(left, last);
      last = this.#lastBefore(left, last, first);
      end = first;
    }
  }

  /** The first start from which the row's value at `end` is had. */
  #startOf(set: number, kind: number, end: number): number {
    const value = this.#values[this.#row(set, kind) + end] as number;
    for (let first = this.#startsOf(set, kind); first < end; first++) {
      const time = this.#times.runs[(kind * this.#width + first) * this.#width + end] as number;
      if (Math.max(time, this.#starts[first] as number) === value) return first;
    }
    return 0;
  }

  #lastBefore(set: number, kind: number, position: number): number {
    let best = { value: Number.POSITIVE_INFINITY, last: 0 };
    for (let last = 0; last < this.#kinds; last++) {
      if (this.#sets.used(set, last) === 0) continue;
      const handover = this.#times.handovers[(last * this.#kinds + kind) * this.#width + position] as number;
      const value = Math.max(this.#values[this.#row(set, last) + position] as number, handover);
      if (value < best.value) best = { value, last };
    }
    return best.last;
  }

  #row(set: number, kind: number): number {
    return (set * this.#kinds + kind) * this.#width;
  }
}
