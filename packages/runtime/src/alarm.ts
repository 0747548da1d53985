import { CancelledError, type Clock, type Seconds, seconds } from '@tandem/core';
import type { Tasks } from './wire/tasks.ts';

/**
 * One timer for the earliest of many deadlines. It is left alone when that deadline goes, as most do, request by request: another timer
 * each time costs more than to ring once in vain.
 */
export class Alarm {
  readonly #clock: Clock;
  readonly #tasks: Tasks;
  readonly #ring: () => void;
  #set: { readonly at: Seconds; readonly off: AbortController } | null = null;

  constructor(clock: Clock, tasks: Tasks, ring: () => void) {
    this.#clock = clock;
    this.#tasks = tasks;
    this.#ring = ring;
  }

  /** Rings at `at` at the latest, and perhaps at a time for which it was set before; null = there is no deadline now. */
  set(at: Seconds | null): void {
    if (at === null || (this.#set !== null && this.#set.at <= at)) return;
    this.stop();
    const set = { at, off: new AbortController() };
    this.#set = set;
    this.#tasks.start(() => this.#wait(set));
  }

  /** It does not ring until it is set again. */
  stop(): void {
    this.#set?.off.abort(sooner);
    this.#set = null;
  }

  async #wait(set: { readonly at: Seconds; readonly off: AbortController }): Promise<void> {
    try {
      await this.#clock.sleep(seconds(Math.max(0, set.at - this.#clock.now())), set.off.signal);
    } catch {
      return;
    }
    if (this.#set !== set) return;
    this.#set = null;
    this.#ring();
  }
}

/** Made once: with its stack an error costs more than all the rest. */
const sooner = new CancelledError('another deadline comes first', 'Nothing needs doing.');
