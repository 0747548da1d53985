import type { PacedSearch } from '../paced-search.ts';
import {
  type ChainAssignment,
  type ChainProblem,
  type ChainRun,
  longestTime,
  requireChain,
} from './chain-problem.ts';

/** Steps of a loop between two yields: about a tenth of a millisecond. */
const piece = 16_384;

/**
 * The assignment of a chain to unequal machines of the greatest throughput: of the least longest time, exact (the problem of PipeEdge,
 * Hu et al. 2022, with handovers that depend on both machines, limits of memory, and machines that need not be used). A dynamic
 * program over (machines used, kind of the last, position), which expects nothing of times and memory, so a longer run may take less:
 * O(sets × kinds × units × (units + kinds)), sets = Π (count + 1). Of equal assignments the one with fewest runs. Null where no assignment
 * fits. Throws InvalidInputError for a malformed or too large problem.
 */
export function* assignChain(problem: ChainProblem): PacedSearch<ChainAssignment | null> {
  requireChain(problem);
  const search = new ChainSearch(problem);
  const runs = yield* search.best();
  return runs === null ? null : { runs, value: longestTime(problem, runs) };
}

class ChainSearch {
  readonly #problem: ChainProblem;
  readonly #units: number;
  readonly #kinds: number;
  readonly #width: number;
  /** [kind]: what one more machine of the kind adds to the number of a set of machines. */
  readonly #strides: readonly number[];
  readonly #sets: number;
  /** [from, to, position]. */
  readonly #handovers: Float64Array;
  /** [kind, end, first]: the time of the run; +∞ = it does not fit. */
  readonly #times: Float64Array;
  /** [set, kind of the last, position]: the least longest time in which the units before the position can be done. */
  readonly #values: Float64Array;
  /** [position]: the least longest time up to the start of a run, of the set and kind looked at. */
  readonly #starts: Float64Array;

  constructor(problem: ChainProblem) {
    const { counts, units } = problem;
    this.#problem = problem;
    this.#units = units;
    this.#kinds = counts.length;
    this.#width = units + 1;
    this.#strides = counts.map((_, kind) => setsOf(counts.slice(0, kind)));
    this.#sets = setsOf(counts);
    this.#handovers = new Float64Array(this.#kinds ** 2 * this.#width);
    this.#times = new Float64Array(this.#kinds * this.#width ** 2).fill(Number.POSITIVE_INFINITY);
    this.#values = new Float64Array(this.#sets * this.#kinds * this.#width).fill(Number.POSITIVE_INFINITY);
    this.#starts = new Float64Array(this.#width);
  }

  *best(): PacedSearch<readonly ChainRun[] | null> {
    yield* this.#readTimes();
    let least = { value: Number.POSITIVE_INFINITY, machines: 0, set: 0, kind: -1 };
    let steps = 0;
    for (let set = 1; set < this.#sets; set++) {
      for (let kind = 0; kind < this.#kinds; kind++) {
        if (this.#used(set, kind) === 0) continue;
        steps += this.#units ** 2;
        if (steps > piece) {
          yield;
          steps = 0;
        }
        this.#extend(set, kind, least.value);
        const done = this.#values[this.#row(set, kind) + this.#units] as number;
        const value = Math.max(done, this.#problem.leaving(kind));
        const machines = this.#machines(set);
        if (value < least.value || (value === least.value && least.kind >= 0 && machines < least.machines))
          least = { value, machines, set, kind };
      }
    }
    return least.kind < 0 ? null : this.#traced(least.set, least.kind);
  }

  *#readTimes(): PacedSearch<void> {
    const problem = this.#problem;
    for (let kind = 0; kind < this.#kinds; kind++) {
      for (let end = 1; end <= this.#units; end++) {
        yield;
        const row = (kind * this.#width + end) * this.#width;
        for (let first = 0; first < end; first++)
          if (problem.fits(kind, first, end)) this.#times[row + first] = problem.work(kind, first, end);
      }
      for (let to = 0; to < this.#kinds; to++)
        for (let position = 1; position < this.#units; position++)
          this.#handovers[(kind * this.#kinds + to) * this.#width + position] = problem.handover(
            position,
            kind,
            to,
          );
    }
  }

  /** Works out the row of a set whose last machine is of the kind; what would exceed `limit` is left at +∞. */
  #extend(set: number, kind: number, limit: number): void {
    const starts = this.#startsOf(set, kind);
    const values = this.#values;
    const row = this.#row(set, kind);
    for (let first = 0; first < this.#units; first++) {
      const start = starts[first] as number;
      if (start > limit || start === Number.POSITIVE_INFINITY) continue;
      for (let end = first + 1; end <= this.#units; end++) {
        const time = this.#times[(kind * this.#width + end) * this.#width + first] as number;
        const value = time > start ? time : start;
        if (value < (values[row + end] as number)) values[row + end] = value;
      }
    }
  }

  /** Overwritten by the next call. */
  #startsOf(set: number, kind: number): Float64Array {
    const before = set - (this.#strides[kind] as number);
    const starts = this.#starts.fill(Number.POSITIVE_INFINITY);
    if (before === 0) starts[0] = this.#problem.entering(kind);
    for (let last = 0; last < this.#kinds; last++) {
      if (this.#used(before, last) === 0) continue;
      const row = this.#row(before, last);
      const pass = (last * this.#kinds + kind) * this.#width;
      for (let position = 1; position < this.#units; position++) {
        const value = this.#values[row + position] as number;
        const handover = this.#handovers[pass + position] as number;
        const later = value > handover ? value : handover;
        if (later < (starts[position] as number)) starts[position] = later;
      }
    }
    return starts;
  }

  #traced(set: number, kind: number): readonly ChainRun[] {
    const runs: ChainRun[] = [];
    let [left, last, end] = [set, kind, this.#units];
    for (;;) {
      const first = this.#startOf(left, last, end);
      runs.push({ kind: last, first, end });
      if (first === 0) return runs.reverse();
      left -= this.#strides[last] as number;
      last = this.#lastBefore(left, last, first);
      end = first;
    }
  }

  /** The first start from which the row's value at `end` is had. */
  #startOf(set: number, kind: number, end: number): number {
    const value = this.#values[this.#row(set, kind) + end] as number;
    const starts = this.#startsOf(set, kind);
    for (let first = 0; first < end; first++) {
      const time = this.#times[(kind * this.#width + end) * this.#width + first] as number;
      if (Math.max(time, starts[first] as number) === value) return first;
    }
    return 0;
  }

  #lastBefore(set: number, kind: number, position: number): number {
    let best = { value: Number.POSITIVE_INFINITY, last: 0 };
    for (let last = 0; last < this.#kinds; last++) {
      if (this.#used(set, last) === 0) continue;
      const handover = this.#handovers[(last * this.#kinds + kind) * this.#width + position] as number;
      const value = Math.max(this.#values[this.#row(set, last) + position] as number, handover);
      if (value < best.value) best = { value, last };
    }
    return best.last;
  }

  #machines(set: number): number {
    let sum = 0;
    for (let kind = 0; kind < this.#kinds; kind++) sum += this.#used(set, kind);
    return sum;
  }

  /** How many machines of the kind a set holds. */
  #used(set: number, kind: number): number {
    return Math.floor(set / (this.#strides[kind] as number)) % ((this.#problem.counts[kind] ?? 0) + 1);
  }

  #row(set: number, kind: number): number {
    return (set * this.#kinds + kind) * this.#width;
  }
}

function setsOf(counts: readonly number[]): number {
  return counts.reduce((product, count) => product * (count + 1), 1);
}
