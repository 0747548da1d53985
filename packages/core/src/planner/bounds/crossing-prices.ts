import type { LinkTimes } from './link-times.ts';
import type { PeriodLoads } from './period-loads.ts';

/** The cheapest link for a tensor by the device at one of its ends; -1 and +∞ = none carries it within the period. */
export interface CheapestLinks {
  readonly pairs: Int32Array;
  readonly prices: Float64Array;
}

/** What tensors take of links, in shares of a period, and what that counts by the weights of links; known by size. */
export class CrossingPrices {
  readonly #links: LinkTimes;
  readonly #occupied = new Map<number, Float64Array>();
  readonly #straight = new Map<number, Float64Array>();
  readonly #into = new Map<number, CheapestLinks>();
  readonly #out = new Map<number, CheapestLinks>();
  #weights: PeriodLoads;
  #period = 1;

  constructor(links: LinkTimes, weights: PeriodLoads) {
    this.#links = links;
    this.#weights = weights;
  }

  /** What one tensor counts by from × devices + to; 0 from a device to itself, +∞ where it takes longer than the period. */
  straight(bytes: number): Float64Array {
    let prices = this.#straight.get(bytes);
    if (prices !== undefined) return prices;
    prices = this.occupied(bytes).map((time, pair) =>
      time > this.#period ? Number.POSITIVE_INFINITY : (this.#weights.link(pair) * time) / this.#period,
    );
    for (let device = 0; device < this.#links.devices; device++)
      prices[device * (this.#links.devices + 1)] = 0;
    this.#straight.set(bytes, prices);
    return prices;
  }

  /** Forgets what depends on them. */
  set(period: number, weights: PeriodLoads): void {
    this.#period = period;
    this.#weights = weights;
    this.#straight.clear();
    this.#into.clear();
    this.#out.clear();
  }

  /** Seconds by from × devices + to. */
  occupied(bytes: number): Float64Array {
    let seconds = this.#occupied.get(bytes);
    if (seconds === undefined) this.#occupied.set(bytes, (seconds = this.#links.occupied(bytes)));
    return seconds;
  }

  into(bytes: number): CheapestLinks {
    let cheapest = this.#into.get(bytes);
    if (cheapest === undefined) this.#into.set(bytes, (cheapest = this.#cheapest(bytes, (_, to) => to)));
    return cheapest;
  }

  out(bytes: number): CheapestLinks {
    let cheapest = this.#out.get(bytes);
    if (cheapest === undefined) this.#out.set(bytes, (cheapest = this.#cheapest(bytes, (from) => from)));
    return cheapest;
  }

  #cheapest(bytes: number, end: (from: number, to: number) => number): CheapestLinks {
    const count = this.#links.devices;
    const seconds = this.occupied(bytes);
    const pairs = new Int32Array(count).fill(-1);
    const prices = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    for (let from = 0; from < count; from++)
      for (let to = 0; to < count; to++) {
        const pair = from * count + to;
        const time = seconds[pair] as number;
        const price = (this.#weights.link(pair) * time) / this.#period;
        const at = end(from, to);
        if (from === to || time > this.#period || price >= (prices[at] as number)) continue;
        prices[at] = price;
        pairs[at] = pair;
      }
    return { pairs, prices };
  }
}
