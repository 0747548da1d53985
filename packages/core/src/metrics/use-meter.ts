import { seconds } from '../units.ts';
import type { UseMetrics } from './metrics.ts';

/** Adds up when one device or link was busy; what overlaps counts once. */
export class UseMeter {
  busySeconds = 0;
  #jobs = 0;
  #active = 0;
  #blocked = 0;
  /** When it last became busy, blocked or neither. */
  #since = 0;
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  #blockedSeconds = 0;

  begin(now: number): void {
    this.#pass(now);
    if (this.#active++ === 0 && now < this.#first) this.#first = now;
    this.#jobs++;
  }

  end(now: number): void {
    if (this.#active === 0) return;
    this.#pass(now);
    this.#active--;
    this.#last = now;
  }

  /** What was going on was lost. */
  lose(now: number): void {
    if (this.#active === 0) return;
    this.#pass(now);
    this.#active = 0;
    this.#last = now;
  }

  block(now: number): void {
    this.#pass(now);
    this.#blocked++;
  }

  unblock(now: number): void {
    this.#pass(now);
    this.#blocked = Math.max(0, this.#blocked - 1);
  }

  finish(now: number, windowSeconds: number): UseMetrics {
    this.lose(now);
    this.#pass(now);
    const span = Math.max(0, this.#last - this.#first);
    const internal = this.#jobs === 0 ? 0 : Math.max(0, span - this.busySeconds);
    const idle = Math.max(0, windowSeconds - this.busySeconds);
    const blocked = Math.min(idle, this.#blockedSeconds);
    return {
      busySeconds: seconds(this.busySeconds),
      utilisation: windowSeconds === 0 ? 0 : this.busySeconds / windowSeconds,
      jobs: this.#jobs,
      bubbles: {
        internalSeconds: seconds(internal),
        windowSeconds: seconds(idle),
        starvedSeconds: seconds(idle - blocked),
        blockedSeconds: seconds(blocked),
        ratio: span > 0 ? internal / span : 0,
      },
    };
  }

  #pass(now: number): void {
    const passed = now - this.#since;
    if (this.#active > 0) this.busySeconds += passed;
    else if (this.#blocked > 0) this.#blockedSeconds += passed;
    this.#since = now;
  }
}
