import { seconds } from '../units.ts';
import type { PlannerContext } from './planner.ts';

/** Under the 10 ms that `Planner.plan` promises. */
const turnSeconds = 0.008;

/** Whether time is up, so that a search that need not be complete ends. */
export type IsLate = () => boolean;

/** Returned by `createPacer`: called between pieces of work, each well under a millisecond; what it returns is awaited. */
export type Pacer = () => Promise<void> | undefined;

/**
 * Gives control back to the event loop when a turn is used up, and returns nothing before: most calls then cost no wait. Throws or
 * rejects with the signal's reason once it is aborted.
 */
export function createPacer({ clock, signal }: Pick<PlannerContext, 'clock' | 'signal'>): Pacer {
  let turn = clock.now();
  const giveWay = async (): Promise<void> => {
    await clock.sleep(seconds(0), signal);
    signal.throwIfAborted();
    turn = clock.now();
  };
  return () => {
    signal.throwIfAborted();
    return clock.now() - turn < turnSeconds ? undefined : giveWay();
  };
}
