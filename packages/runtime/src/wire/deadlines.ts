import { type Clock, type Seconds, seconds } from '@tandem/core';
import { Alarm } from '../alarm.ts';
import { onAbort } from './on-abort.ts';
import type { Tasks } from './tasks.ts';
import { overdue } from './within-deadline.ts';

export interface DeadlinesOptions {
  readonly clock: Clock;
  readonly tasks: Tasks;
  /** Ends everything, with its reason. */
  readonly signal: AbortSignal;
}

interface Running {
  readonly at: number;
  readonly expire: () => void;
  readonly end: (reason: unknown) => void;
}

/**
 * What `withinDeadline` is for work that mostly ends long before its time, such as sending a message: all share one timer, which is left
 * alone when work ends, and no signals are made. Work is not told that its time is up: whoever waits for it has to end it.
 */
export class Deadlines {
  readonly #options: DeadlinesOptions;
  readonly #running: Set<Running> = new Set();
  readonly #alarm: Alarm;

  constructor(options: DeadlinesOptions) {
    const { clock, tasks, signal } = options;
    this.#options = options;
    this.#alarm = new Alarm(clock, tasks, () => this.#ring());
    onAbort(signal, () => this.#end(signal.reason));
  }

  /** Waits for `work` for at most so long: throws DeadlineError after it ('`what` took longer than …'), the signal's reason when that is aborted. */
  within<Result>(limit: Seconds, what: string, work: () => Promise<Result>): Promise<Result> {
    const { clock, signal } = this.#options;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const at = clock.now() + limit;
      const running = { at, end: reject, expire: () => reject(overdue(what, limit)) };
      this.#running.add(running);
      this.#alarm.set(seconds(at));
      work().then(
        (result) => {
          this.#running.delete(running);
          resolve(result);
        },
        (error: unknown) => {
          this.#running.delete(running);
          reject(error);
        },
      );
    });
  }

  #ring(): void {
    const now = this.#options.clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const running of this.#running) {
      if (running.at > now) {
        next = Math.min(next, running.at);
        continue;
      }
      this.#running.delete(running);
      running.expire();
    }
    if (Number.isFinite(next)) this.#alarm.set(seconds(next));
  }

  #end(reason: unknown): void {
    this.#alarm.stop();
    for (const { end } of this.#running) end(reason);
    this.#running.clear();
  }
}
