import type { ChainRelaxation } from './chain-relaxation.ts';
import type { CrossingPrices } from './crossing-prices.ts';
import type { LeastCrossings } from './least-crossings.ts';
import type { PeriodLoads } from './period-loads.ts';
import type { RelaxedUnit } from './relaxed-units.ts';

/** A unit's groups, each on the device where it counts least. */
interface Parted {
  /** [from × devices + to]: with what crosses. */
  readonly detours: Float64Array;
  /** [group] */
  readonly on: Int32Array;
}

/**
 * The way through the chain that counts least by weights of devices, memory and links, among those of which nothing takes longer than the
 * period on its own. O(units × devices² + nodes × devices).
 */
export class PeriodWay {
  readonly #relaxation: ChainRelaxation;
  readonly #crossings: CrossingPrices;
  readonly #period: number;
  readonly #weights: PeriodLoads;
  readonly #count: number;
  /** [position × devices + device]: what follows. */
  readonly #rests: Float64Array;
  /** The same: the next device, or devices + it where the unit is parted; -1 = no way. */
  readonly #choices: Int32Array;
  readonly #parted: (Parted | null)[] = [];

  constructor(relaxation: ChainRelaxation, crossings: CrossingPrices, period: number, weights: PeriodLoads) {
    const { units, devices } = relaxation;
    this.#relaxation = relaxation;
    this.#crossings = crossings;
    this.#period = period;
    this.#weights = weights;
    this.#count = devices;
    this.#rests = new Float64Array((units.length + 1) * devices);
    this.#choices = new Int32Array(units.length * devices).fill(-1);
    crossings.set(period, weights);
    this.#leave();
    for (let position = units.length - 1; position >= 0; position--) this.#step(position);
  }

  /** +∞ = there is none. */
  get cost(): number {
    return this.#rests[this.#relaxation.source] as number;
  }

  #leave(): void {
    const { units, sink, answerBytes } = this.#relaxation;
    for (let device = 0; device < this.#count; device++)
      this.#rests[units.length * this.#count + device] =
        answerBytes === null ? 0 : this.#crossing(answerBytes, device, sink);
  }

  #crossing(bytes: number, from: number, to: number): number {
    if (from === to) return 0;
    const pair = from * this.#count + to;
    const time = this.#crossings.occupied(bytes)[pair] as number;
    return time > this.#period ? Number.POSITIVE_INFINITY : (this.#weights.link(pair) * time) / this.#period;
  }

  #step(position: number): void {
    const count = this.#count;
    const twin = this.#relaxation.twins[position] as number;
    const known = twin > position ? this.#parted[twin] : undefined;
    const parted = known === undefined ? this.#part(position) : known;
    this.#parted[position] = parted;
    const wholes = Float64Array.from({ length: count }, (_, to) => this.#whole(position, to));
    for (let from = 0; from < count; from++) {
      const cell = position * count + from;
      let least = Number.POSITIVE_INFINITY;
      for (let to = 0; to < count; to++) {
        const after = this.#rests[(position + 1) * count + to] as number;
        const whole = (wholes[to] as number) + this.#entering(position, from, to) + after;
        if (whole < least) {
          least = whole;
          this.#choices[cell] = to;
        }
        if (parted === null) continue;
        const apart = (parted.detours[from * count + to] as number) + after;
        if (apart < least) {
          least = apart;
          this.#choices[cell] = count + to;
        }
      }
      this.#rests[cell] = least;
    }
  }

  /** The whole unit on the device. */
  #whole(position: number, device: number): number {
    const { units, kept, reaches } = this.#relaxation;
    const seconds = units[position]?.alone[device] as number;
    if (seconds > this.#period || (reaches[device]?.[position] ?? 0) <= position)
      return Number.POSITIVE_INFINITY;
    return (
      (this.#weights.device(device) * seconds) / this.#period +
      this.#keeping(kept[position] as number, device)
    );
  }

  #keeping(bytes: number, device: number): number {
    return bytes === 0
      ? 0
      : (this.#weights.memory(device) * bytes) / (this.#relaxation.room[device] as number);
  }

  #entering(position: number, from: number, to: number): number {
    const { entryBytes, inputStays } = this.#relaxation;
    const bytes = entryBytes[position] ?? null;
    if (bytes === null || from === to) return 0;
    return position === 0 && inputStays ? Number.POSITIVE_INFINITY : this.#crossing(bytes, from, to);
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
    const detours = Float64Array.from(
      { length: this.#count ** 2 },
      (_, pair) => sum + this.#detourCost(unit.crossings, Math.floor(pair / this.#count), pair % this.#count),
    );
    return { detours, on };
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

  /** Adds the loads of the way. */
  load(loads: PeriodLoads): void {
    const { units, source, sink, answerBytes } = this.#relaxation;
    let from = source;
    for (const position of units.keys()) {
      const choice = this.#choices[position * this.#count + from] as number;
      if (choice < 0) return;
      const to = choice % this.#count;
      if (choice < this.#count) this.#loadWhole(loads, position, from, to);
      else this.#loadParted(loads, position, from, to);
      from = to;
    }
    if (answerBytes !== null) this.#loadCrossing(loads, answerBytes, from, sink);
  }

  #loadWhole(loads: PeriodLoads, position: number, from: number, to: number): void {
    const { units, kept, room, entryBytes } = this.#relaxation;
    loads.addDevice(to, (units[position]?.alone[to] as number) / this.#period);
    const bytes = kept[position] as number;
    if (bytes > 0) loads.addMemory(to, bytes / (room[to] as number));
    const entry = entryBytes[position] ?? null;
    if (entry !== null) this.#loadCrossing(loads, entry, from, to);
  }

  #loadCrossing(loads: PeriodLoads, bytes: number, from: number, to: number): void {
    if (from === to) return;
    const pair = from * this.#count + to;
    loads.addLink(pair, (this.#crossings.occupied(bytes)[pair] as number) / this.#period);
  }

  #loadParted(loads: PeriodLoads, position: number, from: number, to: number): void {
    const { units, keptByGroup, room } = this.#relaxation;
    const unit = units[position] as RelaxedUnit;
    for (const [group, device] of (this.#parted[position]?.on ?? []).entries()) {
      loads.addDevice(device, (unit.seconds[group * this.#count + device] as number) / this.#period);
      const bytes = keptByGroup[position]?.[group] as number;
      if (bytes > 0) loads.addMemory(device, bytes / (room[device] as number));
    }
    if (unit.crossings !== null) this.#loadDetour(loads, unit.crossings, from, to);
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
