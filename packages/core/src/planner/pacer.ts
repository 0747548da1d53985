import { seconds } from '../units.ts';
import type { PlannerContext } from './planner.ts';

/** Under the 10 ms that `Planner.plan` promises. */
const turnSeconds = 0.008;

/** Returned by `createPacer`: awaited between pieces of work, each well under a millisecond. */
export type Pacer = () => Promise<void>;

/** Gives control back to the event loop when a turn is used up; rejects with the signal's reason once it is aborted. */
export function createPacer({ clock, signal }: Pick<PlannerContext, 'clock' | 'signal'>): Pacer {
  let turn = clock.now();
  return async () => {
    signal.throwIfAborted();
    if (clock.now() - turn < turnSeconds) return;
    await clock.sleep(seconds(0), signal);
    signal.throwIfAborted();
    turn = clock.now();
  };
}
