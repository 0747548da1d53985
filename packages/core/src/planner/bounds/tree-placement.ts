import type { CrossingPrices } from './crossing-prices.ts';
import type { UnitTree } from './unit-tree.ts';

/**
 * The placements of a unit's groups that count least where its entry is on one device, by the device of the last group. [group × devices + device].
 * O(groups × devices²).
 */
export class TreePlacement {
  readonly #tree: UnitTree;
  readonly #count: number;
  readonly #crossings: CrossingPrices;
  /** With all that leads to the group. */
  readonly #sums: Float64Array;
  /** The group's device by its reader's. */
  readonly #chosen: Int32Array;

  /** `costs`: what groups count on devices. */
  constructor(
    tree: UnitTree,
    costs: Float64Array,
    crossings: CrossingPrices,
    entry: { readonly device: number; readonly bytes: number },
  ) {
    const groups = tree.readers.length;
    this.#tree = tree;
    this.#count = costs.length / groups;
    this.#crossings = crossings;
    this.#sums = Float64Array.from(costs);
    this.#chosen = new Int32Array(costs.length);
    const prices = crossings.straight(entry.bytes);
    for (let group = 0; group < groups; group++) {
      this.#enter(group, prices, entry.device * this.#count);
      this.#lead(group);
    }
  }

  /** By the device of the last group. */
  cost(device: number): number {
    return this.#sums[this.#sums.length - this.#count + device] as number;
  }

  /** [group] */
  devices(last: number): Int32Array {
    const { readers } = this.#tree;
    const devices = new Int32Array(readers.length);
    for (let group = readers.length - 1; group >= 0; group--) {
      const reader = readers[group] as number;
      devices[group] =
        reader < 0 ? last : (this.#chosen[group * this.#count + (devices[reader] as number)] as number);
    }
    return devices;
  }

  #enter(group: number, prices: Float64Array, from: number): void {
    const share = this.#tree.entryShares[group] as number;
    if (share === 0) return;
    for (let device = 0; device < this.#count; device++)
      this.#sums[group * this.#count + device] =
        (this.#sums[group * this.#count + device] as number) + share * (prices[from + device] as number);
  }

  /** Everything that leads to a group stands before it. */
  #lead(group: number): void {
    const [sums, count] = [this.#sums, this.#count];
    const reader = this.#tree.readers[group] as number;
    if (reader < 0) return;
    const own = group * count;
    const prices = this.#crossings.straight(this.#tree.bytes[group] as number);
    for (let to = 0; to < count; to++) {
      let least = sums[own + to] as number;
      let chosen = to;
      for (let from = 0; from < count; from++) {
        const alone = sums[own + from] as number;
        if (alone >= least) continue;
        const sum = alone + (prices[from * count + to] as number);
        if (sum < least) [least, chosen] = [sum, from];
      }
      sums[reader * count + to] = (sums[reader * count + to] as number) + least;
      this.#chosen[own + to] = chosen;
    }
  }
}
