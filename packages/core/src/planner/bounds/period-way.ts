import type { ChainRelaxation } from './chain-relaxation.ts';
import type { CrossingPrices } from './crossing-prices.ts';
import { PartedUnits } from './parted-units.ts';
import type { PeriodLoads } from './period-loads.ts';

/**
 * The way through the chain that counts least by weights of devices, memory and links, among those of which nothing takes longer than the
 * period on its own. O(units × devices² + nodes × devices³).
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
  readonly #parted: PartedUnits;
  /** [device]: of the unit looked at, with what follows. */
  readonly #wholes: Float64Array;

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
    this.#parted = new PartedUnits(relaxation, crossings, period, weights);
    this.#wholes = new Float64Array(devices);
    this.#leave();
    for (let position = units.length - 1; position >= 0; position--) this.#step(position);
  }

  /** +∞ = there is none. */
  get cost(): number {
    return this.#rests[this.#relaxation.source] as number;
  }

  #leave(): void {
    const { units, sink, answerBytes } = this.#relaxation;
    if (answerBytes === null) return;
    const prices = this.#crossings.straight(answerBytes);
    for (let device = 0; device < this.#count; device++)
      this.#rests[units.length * this.#count + device] = prices[device * this.#count + sink] as number;
  }

  #step(position: number): void {
    const count = this.#count;
    const after = (position + 1) * count;
    const [wholes, rests] = [this.#wholes, this.#rests];
    let leastRest = Number.POSITIVE_INFINITY;
    let leastWhole = Number.POSITIVE_INFINITY;
    for (let to = 0; to < count; to++) {
      const rest = rests[after + to] as number;
      const whole = this.#whole(position, to) + rest;
      wholes[to] = whole;
      if (rest < leastRest) leastRest = rest;
      if (whole < leastWhole) leastWhole = whole;
    }
    const entering = this.#entering(position);
    const parted = this.#parted.of(position);
    for (let from = 0; from < count; from++) {
      let least = wholes[from] as number;
      let choice = least < Number.POSITIVE_INFINITY ? from : -1;
      // Nothing crosses for less than nothing, so most devices need no look at the others.
      for (let to = 0; leastWhole < least && to < count; to++) {
        const together = (wholes[to] as number) + (entering?.[from * count + to] ?? 0);
        if (together < least) [least, choice] = [together, to];
      }
      for (let to = 0; parted !== null && parted.least + leastRest < least && to < count; to++) {
        const rest = rests[after + to] as number;
        if ((parted.detours[from * count + to] as number) + rest >= least) continue;
        this.#parted.sharpen(position, from);
        const apart = (parted.detours[from * count + to] as number) + rest;
        if (apart < least) [least, choice] = [apart, count + to];
      }
      rests[position * count + from] = least;
      this.#choices[position * count + from] = choice;
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

  /** By from × devices + to; null = nothing. */
  #entering(position: number): Float64Array | null {
    const { entryBytes, inputStays } = this.#relaxation;
    const bytes = entryBytes[position] ?? null;
    if (bytes === null) return null;
    return position === 0 && inputStays
      ? new Float64Array(this.#count ** 2).fill(Number.POSITIVE_INFINITY)
      : this.#crossings.straight(bytes);
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
      else this.#parted.load(loads, position, from, to);
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
}
