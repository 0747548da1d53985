import type { Random } from '../../random.ts';
import type { PacedSearch } from '../../search/paced-search.ts';
import type { IsLate } from '../pacer.ts';
import type { PlacementLoads } from './placement-loads.ts';

/** Moves between two yields: a fraction of a millisecond. */
const movesAtATime = 32;
/** Random moves after which the next descent starts. */
const kicks = 3;
const lessByMuch = 1 - 1e-9;

export interface MoveLimits {
  /** [device]: bytes of parameters. */
  readonly room: ArrayLike<number>;
  readonly mostMoves: number;
  readonly isLate: IsLate;
}

/** Asked of a placement, that of the loads, with a period shorter than those of all before; true: it is feasible. */
export type AcceptsPlacement = () => boolean;

/**
 * Moves sets of groups between devices, from a placement whose period is known to a shorter one: the best move of those that touch what is
 * busy the longest, until none helps; then some at random and again, from the best placement. What helps is a smooth stand-in for the longest
 * time, Σ busy¹⁶, because often two things are busy the longest and one move relieves one. Random ones are seeded and moves counted, so
 * that the same problem gets the same answer where there is time. O(moves × (tensors at the set + devices²)).
 */
export class MoveSearch {
  readonly #loads: PlacementLoads;
  readonly #sets: readonly (readonly number[])[];
  readonly #limits: MoveLimits;
  readonly #random: Random;
  #left: number;
  #unit = 1;

  constructor(
    loads: PlacementLoads,
    sets: readonly (readonly number[])[],
    limits: MoveLimits,
    random: Random,
  ) {
    this.#loads = loads;
    this.#sets = sets;
    this.#limits = limits;
    this.#random = random;
    this.#left = limits.mostMoves;
  }

  *run(accepts: AcceptsPlacement): PacedSearch<void> {
    const { deviceOf } = this.#loads;
    let best = Int32Array.from(deviceOf);
    let least = this.#loads.period();
    while (!this.#isOver()) {
      yield* this.#descend();
      this.#loads.settle();
      const period = this.#loads.period();
      if (this.#loads.isAllowed && period < least * lessByMuch && accepts()) {
        best = Int32Array.from(deviceOf);
        least = period;
      }
      this.#loads.settle(best);
      if (!this.#kick()) return;
    }
  }

  #isOver(): boolean {
    return this.#left <= 0 || this.#limits.isLate();
  }

  *#descend(): PacedSearch<void> {
    this.#unit = this.#loads.period();
    let score = this.#score();
    while (!this.#isOver()) {
      const move = yield* this.#bestMove(score);
      if (move === null) return;
      this.#loads.place(move.set, () => move.to);
      score = move.score;
    }
  }

  *#bestMove(below: number): PacedSearch<Move | null> {
    let best: Move | null = null;
    for (const set of this.#setsAtLongest())
      for (let to = 0; to < this.#loads.devices; to++) {
        if (this.#left-- % movesAtATime === 0) yield;
        const score = this.#scoreAfter(set, to);
        if (score < (best?.score ?? below) * lessByMuch) best = { set, to, score };
      }
    return best;
  }

  #setsAtLongest(): readonly (readonly number[])[] {
    const { busy } = this.#loads;
    let longest = 0;
    for (const [resource, seconds] of busy.entries())
      if (seconds > (busy[longest] as number)) longest = resource;
    const groups = this.#loads.groupsAt(longest);
    return this.#sets.filter((set) => set.some((group) => groups.has(group)));
  }

  /** As if the set were there; +∞ = it cannot be. */
  #scoreAfter(set: readonly number[], to: number): number {
    const before = set.map((group) => this.#loads.deviceOf[group] as number);
    if (before.every((device) => device === to)) return Number.POSITIVE_INFINITY;
    this.#loads.place(set, () => to);
    const score = this.#score();
    this.#loads.place(set, (at) => before[at] as number);
    return score;
  }

  #score(): number {
    const { isAllowed, parameterBytes, busy } = this.#loads;
    if (!isAllowed) return Number.POSITIVE_INFINITY;
    for (let device = 0; device < this.#loads.devices; device++)
      if ((parameterBytes[device] as number) > (this.#limits.room[device] as number))
        return Number.POSITIVE_INFINITY;
    let sum = 0;
    for (const seconds of busy) {
      if (seconds <= 0) continue;
      const square = (seconds / this.#unit) ** 2;
      const fourth = square * square;
      const eighth = fourth * fourth;
      sum += eighth * eighth;
    }
    return sum;
  }

  /** False = nothing that could move takes part in what is busy the longest. */
  #kick(): boolean {
    const sets = this.#setsAtLongest();
    if (sets.length === 0) return false;
    for (let kick = 0; kick < kicks; kick++) {
      const set = sets[this.#random.integer(sets.length)] ?? [];
      const to = this.#random.integer(this.#loads.devices);
      if (this.#scoreAfter(set, to) < Number.POSITIVE_INFINITY) this.#loads.place(set, () => to);
    }
    this.#left--;
    return true;
  }
}

interface Move {
  readonly set: readonly number[];
  readonly to: number;
  readonly score: number;
}
