import type { Clock } from '../../clock.ts';
import { type Seconds, seconds } from '../../units.ts';
import type { TimeShare } from '../planner.ts';

/**
 * What `auto` may take in all, and of that until bounds are sought. A fifth of a second is what a person does not notice; what is under way
 * when time is up still ends.
 */
const shares = { search: 0.08, whole: 0.12 };

/** Keeps an eye on the clock and notes what time went into. */
export class TimeBudget {
  readonly searchEnds: Seconds;
  readonly ends: Seconds;
  readonly #clock: Clock;
  readonly #started: number;
  readonly #spent: TimeShare[] = [];
  #noted: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#started = clock.now();
    this.#noted = this.#started;
    this.searchEnds = seconds(this.#started + shares.search);
    this.ends = seconds(this.#started + shares.whole);
  }

  /** Time since the last note went into `part`; once more into the same one adds to it. */
  note(part: string): void {
    const now = this.#clock.now();
    const took = Math.max(0, now - this.#noted);
    this.#noted = now;
    const at = this.#spent.findIndex((share) => share.part === part);
    const before = this.#spent[at]?.seconds ?? 0;
    const share = { part, seconds: seconds(before + took) };
    if (at < 0) this.#spent.push(share);
    else this.#spent[at] = share;
  }

  /** There was no time for `part`. */
  leaveOut(part: string): void {
    this.#spent.push({ part, seconds: null });
  }

  get spent(): { readonly planningSeconds: Seconds; readonly timeShares: readonly TimeShare[] } {
    return {
      planningSeconds: seconds(Math.max(0, this.#noted - this.#started)),
      timeShares: [...this.#spent],
    };
  }

  /** Seconds; below 0 when time is up. */
  readonly left = (): number => this.ends - this.#clock.now();
}
