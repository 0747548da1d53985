import type { EventQueue } from './event-queue.ts';

/** Wakes a schedule at the latest when it said; earlier does no harm. */
export class Alarm {
  #at: number = Number.POSITIVE_INFINITY;
  readonly #queue: EventQueue;
  readonly #wake: () => void;

  constructor(queue: EventQueue, wake: () => void) {
    this.#queue = queue;
    this.#wake = wake;
  }

  set(at: number | null): void {
    if (at === null || at >= this.#at) return;
    this.#at = at;
    this.#queue.at(at, () => {
      if (this.#at !== at) return;
      this.#at = Number.POSITIVE_INFINITY;
      this.#wake();
    });
  }
}
