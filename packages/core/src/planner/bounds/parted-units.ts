import type { ChainRelaxation } from './chain-relaxation.ts';
import type { CrossingPrices } from './crossing-prices.ts';
import type { LeastCrossings } from './least-crossings.ts';
import type { PeriodLoads } from './period-loads.ts';
import type { RelaxedUnit } from './relaxed-units.ts';

/** A unit's groups, each on the device where it counts least. */
export interface Parted {
  /** [from × devices + to]: with what crosses. */
  readonly detours: Float64Array;
  /** No more than any of them. */
  readonly least: number;
  /** [group] */
  readonly on: Int32Array;
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

  /** Adds what a unit that was asked for loads. */
  load(loads: PeriodLoads, position: number, from: number, to: number): void {
    const { units, keptByGroup, room } = this.#relaxation;
    const unit = units[position] as RelaxedUnit;
    for (const [group, device] of (this.#parted[position]?.on ?? []).entries()) {
      loads.addDevice(device, (unit.seconds[group * this.#count + device] as number) / this.#period);
      const bytes = keptByGroup[position]?.[group] as number;
      if (bytes > 0) loads.addMemory(device, bytes / (room[device] as number));
    }
    if (unit.crossings !== null) this.#loadDetour(loads, unit.crossings, from, to);
  }

  #part(position: number): Parted | null {
    const { units, keptByGroup } = this.#relaxation;
    const unit = units[position] as RelaxedUnit;
    if (unit.groups.length < 2 || !this.#relaxation.canPart) return null;
    const on = new Int32Array(unit.groups.length);
    let sum = 0;
    for (const group of unit.groups.keys()) {
      const bytes = keptByGroup[position]?.[group] as number;
      let least = Number.POSITIVE_INFINITY;
      for (let device = 0; device < this.#count; device++) {
        const seconds = unit.seconds[group * this.#count + device] as number;
        if (seconds > this.#period || bytes > (this.#relaxation.room[device] as number)) continue;
        const cost = (this.#weights.device(device) * seconds) / this.#period + this.#keeping(bytes, device);
        if (cost >= least) continue;
        least = cost;
        on[group] = device;
      }
      sum += least;
    }
    if (sum === Number.POSITIVE_INFINITY) return null;
    const detours = new Float64Array(this.#count ** 2);
    for (let from = 0; from < this.#count; from++)
      for (let to = 0; to < this.#count; to++)
        detours[from * this.#count + to] = sum + this.#detourCost(unit.crossings, from, to);
    return { detours, least: sum, on };
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
