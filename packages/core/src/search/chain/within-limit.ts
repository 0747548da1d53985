import type { PacedSearch } from '../paced-search.ts';
import type { ChainProblem, ChainRun } from './chain-problem.ts';

/** What the times are held to: at most `value`, or below it. */
export interface Limit {
  readonly value: number;
  readonly strict: boolean;
}

/**
 * Some assignment with all times within a limit, or null. Reachability over (machines used, kind of the last, position): in a run's
 * kind the furthest end grows with its start, so the ends that can be reached from several starts are found in one sweep.
 * O(sets × kinds² × units), where sets = Π (count + 1).
 */
export class LimitSearch {
  readonly #problem: ChainProblem;
  readonly #kinds: number;
  readonly #width: number;
  /** [kind]: what one more machine of the kind adds to the number of a set of machines. */
  readonly #strides: readonly number[];
  readonly #sets: number;
  /** [from, to, position]. */
  readonly #handovers: Float64Array;
  /** [from, to, position]: 1 = within the limit. */
  readonly #passable: Uint8Array;
  /** [kind, position]: the furthest end of a run from there. */
  readonly #furthest: Int32Array;
  /** [set, kind of the last, position]: 1 = the units before the position can be done. */
  readonly #reached: Uint8Array;

  constructor(problem: ChainProblem) {
    const { counts, units } = problem;
    this.#problem = problem;
    this.#kinds = counts.length;
    this.#width = units + 1;
    this.#strides = counts.map((_, kind) =>
      counts.slice(0, kind).reduce((product, count) => product * (count + 1), 1),
    );
    this.#sets = counts.reduce((product, count) => product * (count + 1), 1);
    this.#handovers = new Float64Array(this.#kinds ** 2 * this.#width);
    this.#passable = new Uint8Array(this.#handovers.length);
    this.#furthest = new Int32Array(this.#kinds * this.#width);
    this.#reached = new Uint8Array(this.#sets * this.#kinds * this.#width);
    for (let from = 0; from < this.#kinds; from++)
      for (let to = 0; to < this.#kinds; to++)
        for (let position = 1; position < units; position++)
          this.#handovers[(from * this.#kinds + to) * this.#width + position] = problem.handover(
            position,
            from,
            to,
          );
  }

  *find(limit: Limit): PacedSearch<readonly ChainRun[] | null> {
    const isWithin = (time: number): boolean =>
      limit.strict ? time < limit.value : time <= limit.value && time < Number.POSITIVE_INFINITY;
    for (const [index, time] of this.#handovers.entries()) this.#passable[index] = isWithin(time) ? 1 : 0;
    for (let kind = 0; kind < this.#kinds; kind++) {
      yield;
      this.#findFurthest(kind, isWithin);
    }
    this.#reached.fill(0);
    const { units } = this.#problem;
    for (let set = 1; set < this.#sets; set++) {
      for (let kind = 0; kind < this.#kinds; kind++) {
        if (this.#used(set, kind) === 0) continue;
        yield;
        this.#reach(set, kind, isWithin);
        if (this.#reached[this.#row(set, kind) + units] === 1 && isWithin(this.#problem.leaving(kind)))
          return this.#traced(set, kind, isWithin);
      }
    }
    return null;
  }

  #findFurthest(kind: number, isWithin: (time: number) => boolean): void {
    const { units } = this.#problem;
    let end = 0;
    for (let first = 0; first < units; first++) {
      end = Math.max(end, first);
      while (
        end < units &&
        isWithin(this.#problem.work(kind, first, end + 1)) &&
        this.#problem.fits(kind, first, end + 1)
      )
        end += 1;
      this.#furthest[kind * this.#width + first] = end;
    }
  }

  /** The positions that are reached when a machine of the kind is the last of the set. */
  #reach(set: number, kind: number, isWithin: (time: number) => boolean): void {
    const { units } = this.#problem;
    const starts = this.#starts(set, kind, isWithin);
    const row = this.#row(set, kind);
    let furthest = 0;
    for (let position = 0; position <= units; position++) {
      if (position > 0 && furthest >= position) this.#reached[row + position] = 1;
      if (starts[position] === 1) furthest = this.#furthest[kind * this.#width + position] as number;
    }
  }

  /** 1 for each position at which a machine of the kind can take over as the last of the set. */
  #starts(set: number, kind: number, isWithin: (time: number) => boolean): Uint8Array {
    const before = set - (this.#strides[kind] as number);
    const starts = new Uint8Array(this.#width);
    if (before === 0 && isWithin(this.#problem.entering(kind))) starts[0] = 1;
    for (let last = 0; last < this.#kinds; last++) {
      if (this.#used(before, last) === 0) continue;
      const row = this.#row(before, last);
      const pass = (last * this.#kinds + kind) * this.#width;
      for (let position = 1; position < this.#width; position++)
        starts[position] =
          (starts[position] as number) |
          ((this.#reached[row + position] as number) & (this.#passable[pass + position] as number));
    }
    return starts;
  }

  #traced(set: number, kind: number, isWithin: (time: number) => boolean): readonly ChainRun[] {
    const runs: ChainRun[] = [];
    let [left, last, end] = [set, kind, this.#problem.units];
    for (;;) {
      const first = this.#startOf(left, last, end, isWithin);
      runs.push({ kind: last, first, end });
      if (first === 0) return runs.reverse();
      left -= this.#strides[last] as number;
      last = this.#lastBefore(left, last, first);
      end = first;
    }
  }

  /** The latest start from which a run of the kind ends there: of all starts it reaches furthest. */
  #startOf(set: number, kind: number, end: number, isWithin: (time: number) => boolean): number {
    const starts = this.#starts(set, kind, isWithin);
    return starts.subarray(0, end).lastIndexOf(1);
  }

  #lastBefore(set: number, kind: number, position: number): number {
    for (let last = 0; last < this.#kinds; last++) {
      const pass = this.#passable[(last * this.#kinds + kind) * this.#width + position];
      if (this.#used(set, last) > 0 && pass === 1 && this.#reached[this.#row(set, last) + position] === 1)
        return last;
    }
    return 0;
  }

  /** How many machines of the kind a set holds. */
  #used(set: number, kind: number): number {
    return Math.floor(set / (this.#strides[kind] as number)) % ((this.#problem.counts[kind] ?? 0) + 1);
  }

  #row(set: number, kind: number): number {
    return (set * this.#kinds + kind) * this.#width;
  }
}
