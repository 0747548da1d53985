/** How busy everything is, as shares of a period or of the memory: devices, their memory, and links by pair of devices; and weights of the same. */
export class PeriodLoads {
  readonly values: Float64Array;
  readonly #devices: number;

  constructor(devices: number, value: number) {
    this.#devices = devices;
    this.values = new Float64Array(devices * (2 + devices)).fill(value);
  }

  device(at: number): number {
    return this.values[at] as number;
  }

  memory(at: number): number {
    return this.values[this.#devices + at] as number;
  }

  /** By from × devices + to. */
  link(pair: number): number {
    return this.values[2 * this.#devices + pair] as number;
  }

  addDevice(at: number, load: number): void {
    this.#add(at, load);
  }

  addMemory(at: number, load: number): void {
    this.#add(this.#devices + at, load);
  }

  addLink(pair: number, load: number): void {
    this.#add(2 * this.#devices + pair, load);
  }

  #add(at: number, load: number): void {
    this.values[at] = (this.values[at] as number) + load;
  }

  most(): number {
    return this.values.reduce((most, value) => Math.max(most, value), 0);
  }

  copy(): PeriodLoads {
    const copy = new PeriodLoads(this.#devices, 0);
    copy.values.set(this.values);
    return copy;
  }

  /** Makes them add up to 1. */
  normalise(): void {
    const sum = this.values.reduce((total, value) => total + value, 0);
    for (const [at, value] of this.values.entries()) this.values[at] = value / sum;
  }

  /** Multiplies each by exp(rate × load). */
  raise(loads: PeriodLoads, rate: number): void {
    for (const [at, value] of this.values.entries())
      this.values[at] = value * Math.exp(rate * (loads.values[at] as number));
  }
}
