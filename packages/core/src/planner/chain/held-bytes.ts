import type { TensorId } from '../../graph/graph.ts';

/**
 * Bytes of what a device holds for others while it runs a part of the chain: what crosses at both ends of it, and what it holds anyway.
 * A tensor counts once. No tensor crosses at two positions, but for outputs, which are what crosses at the last.
 */
export class HeldBytes {
  readonly #always: number;
  /** [position]: of what crosses there and is not held anyway. */
  readonly #crossing: Float64Array;
  /** [position]: of these what crosses at the last position too. */
  readonly #again: Float64Array;

  constructor(
    crossing: readonly (readonly TensorId[])[],
    always: readonly TensorId[],
    bytes: readonly number[],
  ) {
    const held = new Set(always);
    const last = new Set(crossing.at(-1));
    const sum = (tensors: Iterable<TensorId>): number => {
      let total = 0;
      for (const tensor of tensors) total += bytes[tensor] ?? 0;
      return total;
    };
    const others = crossing.map((tensors) => [...new Set(tensors)].filter((tensor) => !held.has(tensor)));
    this.#always = sum(held);
    this.#crossing = Float64Array.from(others, sum);
    this.#again = Float64Array.from(others, (tensors) => sum(tensors.filter((tensor) => last.has(tensor))));
  }

  /** No run of units holds more. */
  get most(): number {
    return this.#always + 2 * this.#crossing.reduce((largest, bytes) => Math.max(largest, bytes), 0);
  }

  /** Units [first, end) are run. */
  of(first: number, end: number): number {
    const both = (this.#crossing[first] ?? 0) + (this.#crossing[end] ?? 0);
    const isLast = end === this.#crossing.length - 1;
    return this.#always + both - (isLast ? (this.#again[first] ?? 0) : 0);
  }
}
