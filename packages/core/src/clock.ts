import type { Seconds } from './units.ts';

/** Time, passed in wherever it is needed, so that the simulator and tests own it. Monotonic; the origin means nothing. */
export interface Clock {
  now(): Seconds;
  /** Resolves after `duration`; rejects with the signal's reason when aborted first. */
  sleep(duration: Seconds, signal: AbortSignal): Promise<void>;
}
