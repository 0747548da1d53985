import { NumberMap } from '../search/number-map.ts';

/** The latest numbers that it was told, so many at most. */
export class LatestNumbers {
  readonly #most: number;
  readonly #numbers = new NumberMap<number>();

  constructor(most: number) {
    this.#most = most;
  }

  has(number: number): boolean {
    return this.#numbers.get(number) !== undefined;
  }

  /** What it has already keeps its place. */
  add(number: number): void {
    this.#numbers.set(number, number);
    const oldest = this.#numbers.size > this.#most ? this.#numbers.first : undefined;
    if (oldest !== undefined) this.#numbers.delete(oldest);
  }

  /** The oldest first. */
  values(): readonly number[] {
    return [...this.#numbers.values()];
  }
}
