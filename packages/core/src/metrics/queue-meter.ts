import { distributionOf } from '../search/distribution.ts';
import type { QueueMetrics } from './metrics.ts';

/** Requests that wait at a device for a stage to start. */
export class QueueMeter {
  readonly #waits: number[] = [];
  #length = 0;
  #longest = 0;
  #area = 0;
  #last = 0;

  /** A tensor came of a request that waits already, or does from now on. */
  come(waits: boolean, now: number): void {
    this.#pass(now);
    if (!waits) this.#length++;
    this.#longest = Math.max(this.#longest, this.#length);
  }

  /** A request starts whose latest tensor came at `since`. */
  start(since: number, now: number): void {
    this.leave(now);
    this.#waits.push(now - since);
  }

  /** A request that waited ended, or starts. */
  leave(now: number): void {
    this.#pass(now);
    this.#length--;
  }

  finish(now: number, windowSeconds: number): QueueMetrics {
    this.#pass(now);
    const meanLength = windowSeconds === 0 ? 0 : this.#area / windowSeconds;
    return { meanLength, longest: this.#longest, waitSeconds: distributionOf(this.#waits) };
  }

  #pass(now: number): void {
    this.#area += this.#length * (now - this.#last);
    this.#last = now;
  }
}
