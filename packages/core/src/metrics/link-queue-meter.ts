import { distributionOf } from '../search/distribution.ts';
import type { QueueMetrics } from './metrics.ts';

/** Tensors that wait to set out over one link; told of each when it leaves, since nobody says for which links a stage's end is. */
export class LinkQueueMeter {
  readonly #comings: number[] = [];
  readonly #leavings: number[] = [];

  /** A tensor that was ready at `since` sets out. */
  leave(since: number, now: number): void {
    this.#comings.push(since);
    this.#leavings.push(now);
  }

  finish(windowSeconds: number): QueueMetrics {
    const waits = this.#comings.map((since, at) => (this.#leavings[at] ?? since) - since);
    const waited = waits.reduce((sum, wait) => sum + wait, 0);
    return {
      meanLength: windowSeconds === 0 ? 0 : waited / windowSeconds,
      longest: this.#longest(),
      waitSeconds: distributionOf(waits),
    };
  }

  /** What leaves when another comes does not wait beside it. */
  #longest(): number {
    const comings = this.#comings.toSorted((left, right) => left - right);
    const leavings = this.#leavings.toSorted((left, right) => left - right);
    let [left, longest] = [0, 0];
    for (const [before, coming] of comings.entries()) {
      while ((leavings[left] ?? Number.POSITIVE_INFINITY) <= coming) left++;
      longest = Math.max(longest, before + 1 - left);
    }
    return longest;
  }
}
