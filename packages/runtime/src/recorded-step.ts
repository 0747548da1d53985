import type { Seconds } from '@tandem/core';

/** One call of a step function of core/schedule and what it answered: plain data, enough to decide again. */
export interface RecordedStep<Event, Action> {
  readonly event: Event;
  readonly now: Seconds;
  readonly actions: readonly Action[];
}
