import type { Clock } from '../clock.ts';
import { seconds } from '../units.ts';
import type { PlannerContext } from './planner.ts';

/** Half of the 10 ms that `Planner.plan` promises: the other half is for a piece of work that takes long on a cold machine. */
const turnSeconds = 0.005;

/** Whether time is up, so that a search that need not be complete ends. */
export type IsLate = () => boolean;

/** Returned by `createPacer`: called between pieces of work, each well under a millisecond; what it returns is awaited. */
export type Pacer = () => Promise<void> | undefined;

/** When others had their chance last, by clock: a planner that asks another one must not hand it a new turn. */
const turns = new WeakMap<Clock, { began: number }>();

/**
 * Gives control back to the event loop when a turn is used up, and returns nothing before: most calls then cost no wait. Pacers of one
 * clock share the turn. Throws or rejects with the signal's reason once it is aborted.
 */
export function createPacer({ clock, signal }: Pick<PlannerContext, 'clock' | 'signal'>): Pacer {
  const turn = turnOf(clock);
  const giveWay = async (): Promise<void> => {
    await clock.sleep(seconds(0), signal);
    signal.throwIfAborted();
    turn.began = clock.now();
  };
  return () => {
    signal.throwIfAborted();
    return clock.now() - turn.began < turnSeconds ? undefined : giveWay();
  };
}

/** One that is over began before the caller did: nobody who paces leaves one so. */
function turnOf(clock: Clock): { began: number } {
  const now = clock.now();
  const turn = turns.get(clock) ?? { began: now };
  if (now - turn.began >= turnSeconds) turn.began = now;
  turns.set(clock, turn);
  return turn;
}
