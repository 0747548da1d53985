import type { PacedSearch } from '../../search/paced-search.ts';
import type { IsLate } from '../pacer.ts';
import type { LatencyRelaxation } from './latency-relaxation.ts';

/** Steps of the prices. */
const steps = 40;
/** The same where it is late. */
const leastSteps = 8;

/** What is left to do from a unit on, at the least. */
export interface MemoryPrices {
  /** [device]: of a byte that stays there. */
  readonly perByte: Float64Array;
  /** All bytes of all devices at their prices. */
  readonly room: number;
  /** `left`: the bytes that are left, at their prices. */
  bound(label: {
    readonly position: number;
    readonly device: number;
    readonly seconds: number;
    readonly left: number;
  }): number;
}

interface Priced {
  /** [position × devices + device]: seconds, and bytes × price, from there to the end at the least. */
  readonly rests: Float64Array;
  /** Of the way from the source that is cheapest so. */
  readonly used: Float64Array;
}

/**
 * Lower bounds on the rest of a way: without regard to memory, and with a price on each byte that stays on a device, of which the room
 * that is left is free (Lagrangean relaxation; prices by subgradients with Polyak's steps towards `known`). Any prices give a valid bound.
 */
export function* pricesOfMemory(
  relaxation: LatencyRelaxation,
  known: number,
  isLate: IsLate,
): PacedSearch<MemoryPrices> {
  const { devices, source, room } = relaxation;
  const free = priced(relaxation, new Float64Array(devices));
  let best: { value: number; prices: Float64Array; rests: Float64Array } = {
    value: free.rests[source] ?? 0,
    prices: new Float64Array(devices),
    rests: free.rests,
  };
  let [prices, at]: [Float64Array<ArrayBuffer>, Priced] = [new Float64Array(devices), free];
  for (let step = 0; Number.isFinite(known) && step < (isLate() ? leastSteps : steps); step++) {
    yield;
    const value = (at.rests[source] ?? 0) - weighted(prices, room);
    if (value > best.value) best = { value, prices, rests: at.rests };
    const excess = at.used.map((bytes, device) => bytes - (room[device] as number));
    // Only what is dear or overflows pulls.
    const slope = excess.map((bytes, device) => (bytes > 0 || (prices[device] as number) > 0 ? bytes : 0));
    const length = slope.reduce((sum, bytes) => sum + bytes ** 2, 0);
    if (length === 0 || value >= known) break;
    const stride = Math.max(known - value, known * 1e-3) / length;
    prices = prices.map((price, device) => Math.max(0, price + stride * (slope[device] as number)));
    at = priced(relaxation, prices);
  }
  return {
    perByte: best.prices,
    room: weighted(best.prices, room),
    bound: ({ position, device, seconds, left }) => {
      const cell = position * devices + device;
      return Math.max(seconds + (free.rests[cell] as number), seconds + (best.rests[cell] as number) - left);
    },
  };
}

const weighted = (prices: Float64Array, room: Float64Array): number =>
  prices.reduce((sum, price, device) => sum + price * (room[device] as number), 0);

function priced(relaxation: LatencyRelaxation, prices: Float64Array): Priced {
  const { devices, source, steps: units, leaving, kept, reaches } = relaxation;
  const rests = new Float64Array((units.length + 1) * devices);
  const choices = new Int32Array(units.length * devices);
  rests.set(leaving, units.length * devices);
  for (let position = units.length - 1; position >= 0; position--) {
    const step = units[position];
    for (let from = 0; from < devices; from++) {
      let least = Number.POSITIVE_INFINITY;
      let choice = -1;
      for (let to = 0; to < devices; to++) {
        const pair = from * devices + to;
        const after = rests[(position + 1) * devices + to] as number;
        const apart = (step?.apart[pair] ?? 0) + after;
        const fits = (reaches[to]?.[position] ?? 0) > position;
        const together = fits
          ? (step?.together[pair] ?? 0) + (prices[to] as number) * (kept[position] as number) + after
          : Number.POSITIVE_INFINITY;
        if (together < least) [least, choice] = [together, to];
        if (apart < least) [least, choice] = [apart, devices + to];
      }
      rests[position * devices + from] = least;
      choices[position * devices + from] = choice;
    }
  }
  return { rests, used: usedBy(relaxation, choices, source) };
}

function usedBy(
  { devices, steps: units, kept }: LatencyRelaxation,
  choices: Int32Array,
  source: number,
): Float64Array {
  const used = new Float64Array(devices);
  let device = source;
  for (const position of units.keys()) {
    const choice = choices[position * devices + device] as number;
    if (choice < 0) return used;
    device = choice % devices;
    if (choice < devices) used[device] = (used[device] as number) + (kept[position] as number);
  }
  return used;
}
