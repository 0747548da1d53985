import type { ChainCosts } from '../chain/chain-costs.ts';
import type { LinkTimes } from './link-times.ts';
import type { RelaxedUnit } from './relaxed-units.ts';

/** [from × devices + to], seconds from when what enters a unit is at `from` until what leaves it arises at `to`, at the least. */
export interface UnitLatencies {
  /** All of it on `to`. */
  readonly together: Float64Array;
  /** On two devices or more; +∞ where it cannot be. */
  readonly apart: Float64Array;
}

/**
 * Apart: every group as soon as its inputs can be there, each of these from wherever it is soonest, over links that nobody else uses; groups
 * do not wait for each other. Since some group is not on `to`, the way from the entry through it to the exit counts with it elsewhere. All
 * devices share the work. O(tensors × devices³).
 */
export function unitLatencies(
  chain: ChainCosts,
  links: LinkTimes,
  unit: RelaxedUnit,
  position: number,
  canPart: boolean,
): UnitLatencies {
  return new UnitWays(chain, links, unit, position).latencies(canPart);
}

class UnitWays {
  readonly #chain: ChainCosts;
  readonly #links: LinkTimes;
  readonly #unit: RelaxedUnit;
  readonly #position: number;
  readonly #devices: number;
  readonly #arrivals = new Map<number, Float64Array>();
  /** The group that yields the exit; -1 where there is no single one. */
  readonly #last: number;

  constructor(chain: ChainCosts, links: LinkTimes, unit: RelaxedUnit, position: number) {
    this.#chain = chain;
    this.#links = links;
    this.#unit = unit;
    this.#position = position;
    this.#devices = links.devices;
    const { exit } = unit;
    this.#last = exit === null ? -1 : unit.groups.findIndex(({ outputs }) => outputs.includes(exit));
  }

  latencies(canPart: boolean): UnitLatencies {
    const count = this.#devices;
    const { alone, entry, groups } = this.#unit;
    const together = new Float64Array(count ** 2);
    const apart = new Float64Array(count ** 2).fill(Number.POSITIVE_INFINITY);
    if (groups.length === 0) return { together, apart };
    const entering = entry === null ? null : this.#arrival(entry);
    for (let from = 0; from < count; from++)
      for (let to = 0; to < count; to++)
        together[from * count + to] = (alone[to] as number) + (entering?.[from * count + to] ?? 0);
    if (groups.length < 2 || !canPart) return { together, apart };
    const shared = this.#sharedWork();
    const rests = Array.from({ length: count }, (_, to) => this.#rests(to));
    for (let from = 0; from < count; from++) {
      const ends = this.#ends(from);
      for (let to = 0; to < count; to++)
        apart[from * count + to] = Math.max(
          shared,
          this.#longestWay(ends, to),
          this.#detour(ends, rests[to], to),
        );
    }
    return { together, apart };
  }

  #sharedWork(): number {
    const { groups, seconds } = this.#unit;
    let sum = 0;
    for (const at of groups.keys()) sum += this.#least(seconds, at);
    return sum / this.#devices;
  }

  #least(rows: Float64Array, row: number): number {
    let least = Number.POSITIVE_INFINITY;
    for (let device = 0; device < this.#devices; device++)
      least = Math.min(least, rows[row * this.#devices + device] as number);
    return least;
  }

  /** [group × devices + device]: when the group ends there at the earliest, the entry being at `from` at 0. */
  #ends(from: number): Float64Array {
    const count = this.#devices;
    const { groups, seconds, entry } = this.#unit;
    const ends = new Float64Array(seconds);
    const ready = new Map<number, Float64Array>();
    if (entry !== null) ready.set(entry, this.#arrival(entry).subarray(from * count, (from + 1) * count));
    for (const [at, { inputs, outputs }] of groups.entries()) {
      for (let device = 0; device < count; device++) {
        let start = 0;
        for (const input of inputs) start = Math.max(start, ready.get(input)?.[device] ?? 0);
        ends[at * count + device] = start + (seconds[at * count + device] as number);
      }
      for (const tensor of outputs)
        ready.set(tensor, this.#soonest(ends.subarray(at * count, (at + 1) * count), tensor));
    }
    return ends;
  }

  /** [device]: when the tensor is there, from whichever device it is there first. */
  #soonest(ends: Float64Array, tensor: number): Float64Array {
    const count = this.#devices;
    const arrival = this.#arrival(tensor);
    const soonest = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    for (let from = 0; from < count; from++)
      for (let to = 0; to < count; to++)
        soonest[to] = Math.min(
          soonest[to] as number,
          (ends[from] as number) + (arrival[from * count + to] as number),
        );
    return soonest;
  }

  /** [group × devices + device]: what takes at the least from the end of the group there to the exit's at `to`. */
  #rests(to: number): Float64Array {
    const count = this.#devices;
    const { groups, seconds } = this.#unit;
    const rests = new Float64Array(groups.length * count);
    const wanted = new Map<number, Float64Array>();
    for (let at = groups.length - 1; at >= 0; at--) {
      const group = groups[at];
      for (let device = 0; device < count; device++) {
        let rest = at === this.#last && device !== to ? Number.POSITIVE_INFINITY : 0;
        for (const output of group?.outputs ?? []) rest = Math.max(rest, wanted.get(output)?.[device] ?? 0);
        rests[at * count + device] = rest;
      }
      const after = Float64Array.from(
        { length: count },
        (_, device) => (seconds[at * count + device] as number) + (rests[at * count + device] as number),
      );
      for (const input of group?.inputs ?? []) this.#want(wanted, input, after);
    }
    return rests;
  }

  /** Whoever has `tensor` must get it to one of the devices of the group that reads it and that ends the unit `after` then. */
  #want(wanted: Map<number, Float64Array>, tensor: number, after: Float64Array): void {
    const count = this.#devices;
    const arrival = this.#arrival(tensor);
    const needs = wanted.get(tensor) ?? new Float64Array(count);
    for (let from = 0; from < count; from++) {
      let least = Number.POSITIVE_INFINITY;
      for (let device = 0; device < count; device++)
        least = Math.min(least, (arrival[from * count + device] as number) + (after[device] as number));
      needs[from] = Math.max(needs[from] as number, least);
    }
    wanted.set(tensor, needs);
  }

  #longestWay(ends: Float64Array, to: number): number {
    if (this.#last >= 0) return ends[this.#last * this.#devices + to] as number;
    let longest = 0;
    for (const at of this.#unit.groups.keys()) longest = Math.max(longest, this.#least(ends, at));
    return longest;
  }

  #detour(ends: Float64Array, rests: Float64Array | undefined, to: number): number {
    if (this.#last < 0 || rests === undefined) return 0;
    let least = Number.POSITIVE_INFINITY;
    for (const at of this.#unit.groups.keys()) {
      if (at === this.#last) continue;
      for (let device = 0; device < this.#devices; device++) {
        const cell = at * this.#devices + device;
        if (device !== to) least = Math.min(least, (ends[cell] as number) + (rests[cell] as number));
      }
    }
    return least;
  }

  #arrival(tensor: number): Float64Array {
    const known = this.#arrivals.get(tensor);
    if (known !== undefined) return known;
    const { index, problem } = this.#chain;
    const isRaw =
      this.#position === 0 && problem.constraints.neverLeaveRawInput && problem.graph.inputs.includes(tensor);
    const seconds = this.#links.arrival(index.tensorBytes[tensor] ?? 0);
    if (isRaw)
      for (let pair = 0; pair < seconds.length; pair++)
        if (pair % (this.#devices + 1) !== 0) seconds[pair] = Number.POSITIVE_INFINITY;
    this.#arrivals.set(tensor, seconds);
    return seconds;
  }
}
