import { BinaryHeap } from '../../search/binary-heap.ts';
import type { PacedSearch } from '../../search/paced-search.ts';
import type { LatencyRelaxation } from './latency-relaxation.ts';
import { pricesOfMemory } from './memory-prices.ts';

/** Labels that are extended at most; what is left open then bounds the rest. */
const mostExpansions = 1500;

/** Up to a unit. */
interface Label {
  readonly position: number;
  /** Where what enters the unit is. */
  readonly device: number;
  readonly seconds: number;
  /** [device]: bytes that stay there. */
  readonly used: Float64Array;
  /** Where the stage that could go on with the unit began. */
  readonly start: number;
  /** No way to the end takes less. */
  readonly bound: number;
}

/**
 * No placement of nodes on devices that keeps to their memory answers a request sooner. Best first (A*) through the units of the chain,
 * each on one device as a whole or on several, by what that takes at the least (`unitLatencies`), with the memory of what is whole; what may follow is
 * bounded without regard to memory and with memory at a price. Ends where `known`, the latency of a plan, is reached. Seconds; +∞ = none fits.
 */
export function* latencyBound(relaxation: LatencyRelaxation, known: number): PacedSearch<number> {
  const { devices, source, steps } = relaxation;
  const prices = yield* pricesOfMemory(relaxation, known);
  const queue = new BinaryHeap<Label>((left, right) =>
    left.bound === right.bound ? left.position > right.position : left.bound < right.bound,
  );
  const settled: Label[][] = Array.from({ length: (steps.length + 1) * devices }, () => []);
  let beyond = Number.POSITIVE_INFINITY;
  const push = (label: Omit<Label, 'bound'>, least: number): void => {
    const bound = Math.max(least, prices.bound(label));
    if (bound < known) queue.push({ ...label, bound });
    else if (bound < Number.POSITIVE_INFINITY) beyond = known;
  };
  push({ position: 0, device: source, seconds: 0, used: new Float64Array(devices), start: 0 }, 0);
  let expansions = 0;
  for (let label = queue.pop(); label !== undefined; label = queue.pop()) {
    yield;
    if (label.position === steps.length || expansions === mostExpansions) return label.bound;
    const others = settled[label.position * devices + label.device] ?? [];
    if (others.some((other) => dominates(other, label))) continue;
    others.push(label);
    expansions++;
    for (const next of extensions(relaxation, label)) push(next, label.bound);
  }
  return beyond;
}

function dominates(left: Label, right: Label): boolean {
  if (left.seconds > right.seconds || left.start < right.start) return false;
  for (let device = 0; device < left.used.length; device++)
    if ((left.used[device] as number) > (right.used[device] as number)) return false;
  return true;
}

function* extensions(relaxation: LatencyRelaxation, label: Label): Generator<Omit<Label, 'bound'>> {
  const { devices, steps, kept, room, reaches } = relaxation;
  const { position, device: from } = label;
  const step = steps[position];
  for (let to = 0; to < devices; to++) {
    const pair = from * devices + to;
    const apart = step?.apart[pair] ?? 0;
    const next = { position: position + 1, device: to };
    if (apart < Number.POSITIVE_INFINITY)
      yield { ...next, seconds: label.seconds + apart, used: label.used, start: position + 1 };
    const together = step?.together[pair] ?? 0;
    const sum = (label.used[to] as number) + (kept[position] as number);
    const start = from === to ? label.start : position;
    if (together === Number.POSITIVE_INFINITY || sum > (room[to] as number)) continue;
    if ((reaches[to]?.[start] ?? 0) <= position) continue;
    const used = label.used.slice();
    used[to] = sum;
    yield { ...next, seconds: label.seconds + together, used, start };
  }
}
