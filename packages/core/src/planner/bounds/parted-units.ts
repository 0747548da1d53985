import type { ChainRelaxation } from './chain-relaxation.ts';
import type { CrossingPrices } from './crossing-prices.ts';
import type { LeastCrossings } from './least-crossings.ts';
import type { PeriodLoads } from './period-loads.ts';
import type { RelaxedUnit } from './relaxed-units.ts';
import { TreePlacement } from './tree-placement.ts';

/** A unit's groups on devices of their own choice. */
export interface Parted {
  /** [from × devices + to]: what they count at the least, with what crosses. */
  readonly detours: Float64Array;
  /** No more than any of them. */
  readonly least: number;
  /** [group]: where each counts least. */
  readonly on: Int32Array;
  /** [group × devices + device]: what each counts. */
  readonly costs: Float64Array;
  /** [from]: what `PartedUnits.sharpen` found, and by the device of the exit whether that is what counts. */
  readonly trees: Map<number, { readonly placement: TreePlacement; readonly isMore: readonly boolean[] }>;
}

/** What units count that are on several devices, by the weights of a period, and what they load. */
export class PartedUnits {
  readonly #relaxation: ChainRelaxation;
  readonly #crossings: CrossingPrices;
  readonly #period: number;
  readonly #weights: PeriodLoads;
  readonly #count: number;
  readonly #parted: (Parted | null)[] = [];

  constructor(relaxation: ChainRelaxation, crossings: CrossingPrices, period: number, weights: PeriodLoads) {
    this.#relaxation = relaxation;
    this.#crossings = crossings;
    this.#period = period;
    this.#weights = weights;
    this.#count = relaxation.devices;
  }

  /** Null where the unit cannot be parted. */
  of(position: number): Parted | null {
    const twin = this.#relaxation.twins[position] as number;
    const known = twin > position ? this.#parted[twin] : undefined;
    const parted = known === undefined ? this.#part(position) : known;
    this.#parted[position] = parted;
    return parted;
  }

  /**
   * Raises what the unit counts with its entry on `from`, where the tree of its groups says more than what must cross at the least.
   * Asked for where it might matter, because it takes devices times as long as all the rest.
   */
  sharpen(position: number, from: number): void {
    const parted = this.#parted[position];
    const { tree } = this.#relaxation.units[position] as RelaxedUnit;
    const bytes = this.#relaxation.entryBytes[position] ?? null;
    if (parted == null || tree === null || bytes === null || parted.trees.has(from)) return;
    const placement = new TreePlacement(tree, parted.costs, this.#crossings, { device: from, bytes });
    const isMore = Array.from({ length: this.#count }, (_, to) => {
      const pair = from * this.#count + to;
      const cost = placement.cost(to);
      if (cost <= (parted.detours[pair] as number)) return false;
      parted.detours[pair] = cost;
      return true;
    });
    parted.trees.set(from, { placement, isMore });
  }

  /** Adds what a unit that was asked for loads. */
  load(loads: PeriodLoads, position: number, from: number, to: number): void {
    const parted = this.#parted[position];
    const unit = this.#relaxation.units[position] as RelaxedUnit;
    const tree = parted?.trees.get(from);
    if (tree?.isMore[to] === true) {
      const on = tree.placement.devices(to);
      this.#loadGroups(loads, position, on);
      this.#loadTree(loads, unit, this.#relaxation.entryBytes[position] ?? 0, from, on);
    } else {
      this.#loadGroups(loads, position, parted?.on ?? new Int32Array());
      if (unit.crossings !== null) this.#loadDetour(loads, unit.crossings, from, to);
    }
  }

  #loadGroups(loads: PeriodLoads, position: number, on: Int32Array): void {
    const { units, keptByGroup, room } = this.#relaxation;
    const unit = units[position] as RelaxedUnit;
    for (const [group, device] of on.entries()) {
      loads.addDevice(device, (unit.seconds[group * this.#count + device] as number) / this.#period);
      const bytes = keptByGroup[position]?.[group] as number;
      if (bytes > 0) loads.addMemory(device, bytes / (room[device] as number));
    }
  }

  #loadTree(
    loads: PeriodLoads,
    { tree }: RelaxedUnit,
    entryBytes: number,
    entryOn: number,
    on: Int32Array,
  ): void {
    const add = (from: number, to: number, bytes: number, share: number): void => {
      if (from === to || share === 0) return;
      const pair = from * this.#count + to;
      loads.addLink(pair, (share * (this.#crossings.occupied(bytes)[pair] as number)) / this.#period);
    };
    for (const [group, device] of on.entries()) {
      add(entryOn, device, entryBytes, tree?.entryShares[group] ?? 0);
      const reader = tree?.readers[group] ?? -1;
      if (reader >= 0) add(device, on[reader] as number, tree?.bytes[group] ?? 0, 1);
    }
  }

  #part(position: number): Parted | null {
    const { units } = this.#relaxation;
    const unit = units[position] as RelaxedUnit;
    if (unit.groups.length < 2 || !this.#relaxation.canPart) return null;
    const count = this.#count;
    const costs = this.#costs(position, unit);
    const on = new Int32Array(unit.groups.length);
    let sum = 0;
    for (const group of unit.groups.keys()) {
      let least = Number.POSITIVE_INFINITY;
      for (let device = 0; device < count; device++) {
        const cost = costs[group * count + device] as number;
        if (cost < least) [least, on[group]] = [cost, device];
      }
      sum += least;
    }
    if (sum === Number.POSITIVE_INFINITY) return null;
    const detours = new Float64Array(count ** 2);
    for (let from = 0; from < count; from++)
      for (let to = 0; to < count; to++)
        detours[from * count + to] = sum + this.#detourCost(unit.crossings, from, to);
    return { detours, least: sum, on, costs, trees: new Map() };
  }

  #costs(position: number, unit: RelaxedUnit): Float64Array {
    const costs = new Float64Array(unit.seconds.length);
    for (const group of unit.groups.keys()) {
      const bytes = this.#relaxation.keptByGroup[position]?.[group] as number;
      for (let device = 0; device < this.#count; device++) {
        const seconds = unit.seconds[group * this.#count + device] as number;
        costs[group * this.#count + device] =
          seconds > this.#period || bytes > (this.#relaxation.room[device] as number)
            ? Number.POSITIVE_INFINITY
            : (this.#weights.device(device) * seconds) / this.#period + this.#keeping(bytes, device);
      }
    }
    return costs;
  }

  #keeping(bytes: number, device: number): number {
    return bytes === 0
      ? 0
      : (this.#weights.memory(device) * bytes) / (this.#relaxation.room[device] as number);
  }

  /** What crosses at the least where the unit is parted. */
  #detourCost(crossings: LeastCrossings | null, from: number, to: number): number {
    if (crossings === null) return 0;
    if (from !== to) return this.#crossings.into(crossings.through).prices[to] as number;
    let least = Number.POSITIVE_INFINITY;
    for (const { out, back } of crossings.detours) {
      const cost =
        (this.#crossings.out(out).prices[from] as number) + (this.#crossings.into(back).prices[to] as number);
      if (cost < least) least = cost;
    }
    return least;
  }

  #loadDetour(loads: PeriodLoads, crossings: LeastCrossings, from: number, to: number): void {
    const add = (pair: number | undefined, bytes: number): void => {
      if (pair !== undefined && pair >= 0)
        loads.addLink(pair, (this.#crossings.occupied(bytes)[pair] as number) / this.#period);
    };
    if (from !== to) {
      add(this.#crossings.into(crossings.through).pairs[to], crossings.through);
      return;
    }
    const cost = this.#detourCost(crossings, from, to);
    const chosen = crossings.detours.find(
      (detour) => this.#detourCost({ ...crossings, detours: [detour] }, from, to) === cost,
    );
    if (chosen === undefined) return;
    add(this.#crossings.out(chosen.out).pairs[from], chosen.out);
    add(this.#crossings.into(chosen.back).pairs[to], chosen.back);
  }
}
