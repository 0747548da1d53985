import { BinaryHeap } from '../../search/binary-heap.ts';
import type { PacedSearch } from '../../search/paced-search.ts';
import type { IsLate } from '../pacer.ts';
import type { LatencyRelaxation } from './latency-relaxation.ts';
import { type MemoryPrices, pricesOfMemory } from './memory-prices.ts';

/** Labels that are extended at most; what is left open then bounds the rest. */
const mostExpansions = 1500;

/** Up to a unit. What stays on devices is worked out only for labels that are extended: most never are. */
interface Label {
  readonly parent: Label | null;
  readonly position: number;
  /** Where what enters the unit is. */
  readonly device: number;
  readonly seconds: number;
  /** Whether the unit before is on `device` as a whole, so that its bytes stay there. */
  readonly isWhole: boolean;
  /** What the room that is left counts by the prices of memory. */
  readonly left: number;
  /** Where the stage that could go on with the unit began. */
  readonly start: number;
  /** No way to the end takes less. */
  readonly bound: number;
  /** [device]: bytes that stay there; empty until the label is extended. */
  used: Float64Array;
}

const unknown = new Float64Array(0);

/**
 * No placement of nodes on devices that keeps to their memory answers a request sooner. Best first (A*) through the units of the chain,
 * each on one device as a whole or on several, by what that takes at the least (`unitLatencies`), with the memory of what is whole; what may follow is
 * bounded without regard to memory and with memory at a price. Ends where `known`, the latency of a plan, is reached, or sooner where it
 * `isLate`. Seconds; +∞ = none fits.
 */
export function* latencyBound(
  relaxation: LatencyRelaxation,
  known: number,
  isLate: IsLate = () => false,
): PacedSearch<number> {
  const { devices, source, steps } = relaxation;
  const prices = yield* pricesOfMemory(relaxation, known, isLate);
  const queue = new BinaryHeap<Label>((left, right) =>
    left.bound === right.bound ? left.position > right.position : left.bound < right.bound,
  );
  const settled: Label[][] = Array.from({ length: (steps.length + 1) * devices }, () => []);
  let beyond = Number.POSITIVE_INFINITY;
  const push = (label: Omit<Label, 'bound' | 'used'>, least: number): void => {
    const bound = Math.max(least, prices.bound(label));
    if (bound < known) queue.push({ ...label, bound, used: unknown });
    else if (bound < Number.POSITIVE_INFINITY) beyond = known;
  };
  const start = { parent: null, position: 0, device: source, seconds: 0, isWhole: false, start: 0 };
  push({ ...start, left: prices.room }, 0);
  let expansions = 0;
  for (let label = queue.pop(); label !== undefined; label = queue.pop()) {
    yield;
    if (label.position === steps.length || expansions === mostExpansions || isLate()) return label.bound;
    label.used = usedOf(relaxation, label);
    const others = settled[label.position * devices + label.device] ?? [];
    if (others.some((other) => dominates(other, label))) continue;
    others.push(label);
    expansions++;
    for (const next of extensions(relaxation, prices, label)) push(next, label.bound);
  }
  return beyond;
}

function usedOf(
  { devices, kept }: LatencyRelaxation,
  { parent, position, device, isWhole }: Label,
): Float64Array {
  if (parent === null) return new Float64Array(devices);
  if (!isWhole) return parent.used;
  const used = parent.used.slice();
  used[device] = (used[device] as number) + (kept[position - 1] as number);
  return used;
}

function dominates(left: Label, right: Label): boolean {
  if (left.seconds > right.seconds || left.start < right.start) return false;
  for (let device = 0; device < left.used.length; device++)
    if ((left.used[device] as number) > (right.used[device] as number)) return false;
  return true;
}

function extensions(
  relaxation: LatencyRelaxation,
  prices: MemoryPrices,
  label: Label,
): Omit<Label, 'bound' | 'used'>[] {
  const { devices, steps, kept, room, reaches } = relaxation;
  const { position, device: from, left } = label;
  const step = steps[position];
  const found: Omit<Label, 'bound' | 'used'>[] = [];
  for (let to = 0; to < devices; to++) {
    const pair = from * devices + to;
    const apart = step?.apart[pair] ?? 0;
    const next = { parent: label, position: position + 1, device: to };
    if (apart < Number.POSITIVE_INFINITY)
      found.push({ ...next, seconds: label.seconds + apart, isWhole: false, left, start: position + 1 });
    const together = step?.together[pair] ?? 0;
    const own = kept[position] as number;
    const start = from === to ? label.start : position;
    if (together === Number.POSITIVE_INFINITY || (label.used[to] as number) + own > (room[to] as number))
      continue;
    if ((reaches[to]?.[start] ?? 0) <= position) continue;
    const spent = (prices.perByte[to] as number) * own;
    found.push({ ...next, seconds: label.seconds + together, isWhole: true, left: left - spent, start });
  }
  return found;
}
