import { distributionOf } from '../search/distribution.ts';
import type { QueueMetrics } from './metrics.ts';

/** Requests that wait at a device for a stage to start. */
export class QueueMeter {
  /** By request: when its latest tensor came. */
  readonly #since: Map<number, number> = new Map();
  readonly #waits: number[] = [];
  #longest = 0;
  #area = 0;
  #last = 0;

  come(request: number, now: number): void {
    this.#pass(now);
    this.#since.set(request, now);
    this.#longest = Math.max(this.#longest, this.#since.size);
  }

  start(request: number, now: number): void {
    const since = this.#since.get(request);
    if (since === undefined) return;
    this.#pass(now);
    this.#since.delete(request);
    this.#waits.push(now - since);
  }

  /** The request ended without a start. */
  leave(request: number, now: number): void {
    if (!this.#since.has(request)) return;
    this.#pass(now);
    this.#since.delete(request);
  }

  finish(now: number, windowSeconds: number): QueueMetrics {
    this.#pass(now);
    const meanLength = windowSeconds === 0 ? 0 : this.#area / windowSeconds;
    return { meanLength, longest: this.#longest, waitSeconds: distributionOf(this.#waits) };
  }

  #pass(now: number): void {
    this.#area += this.#since.size * (now - this.#last);
    this.#last = now;
  }
}
