/** The latest numbers that it was told, so many at most. A Set alone looks for its oldest among all that were deleted before. */
export class LatestNumbers {
  readonly #most: number;
  readonly #numbers: Set<number> = new Set();
  /** The same in turn: the oldest is at `#oldest`, once there are as many as may be. */
  readonly #ring: number[] = [];
  #oldest = 0;

  constructor(most: number) {
    this.#most = most;
  }

  has(number: number): boolean {
    return this.#numbers.has(number);
  }

  /** What it has already keeps its place. */
  add(number: number): void {
    if (this.#most === 0 || this.#numbers.has(number)) return;
    const dropped = this.#ring[this.#oldest];
    if (this.#ring.length === this.#most && dropped !== undefined) this.#numbers.delete(dropped);
    this.#ring[this.#oldest] = number;
    this.#numbers.add(number);
    this.#oldest = (this.#oldest + 1) % this.#most;
  }

  /** The oldest first. */
  values(): readonly number[] {
    return [...this.#numbers];
  }
}
