import { type Clock, type Seconds, seconds } from '@tandem/core';

/** A clock that stands still until told to advance: for tests of what waits. */
export interface VirtualClock extends Clock {
  /** Moves on by `duration`, waking sleepers in the order of their times; what they start is given room to run in between. */
  advance(duration: number): Promise<void>;
}

export function virtualClock(): VirtualClock {
  const sleepers: Sleeper[] = [];
  let time = 0;
  const sleep = (duration: Seconds, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const giveUp = (): void => {
        remove(sleepers, sleeper);
        reject(signal.reason);
      };
      const wake = (): void => {
        remove(sleepers, sleeper);
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const sleeper: Sleeper = { wakesAt: time + duration, wake };
      sleepers.push(sleeper);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  const advance = async (duration: number): Promise<void> => {
    const until = time + duration;
    await settle();
    for (let next = earliest(sleepers); next && next.wakesAt <= until; next = earliest(sleepers)) {
      time = next.wakesAt;
      next.wake();
      await settle();
    }
    time = until;
  };
  return { now: () => seconds(time), sleep, advance };
}

interface Sleeper {
  readonly wakesAt: number;
  wake(): void;
}

function earliest(sleepers: readonly Sleeper[]): Sleeper | undefined {
  return sleepers.reduce<Sleeper | undefined>(
    (first, sleeper) => (first === undefined || sleeper.wakesAt < first.wakesAt ? sleeper : first),
    undefined,
  );
}

function remove(sleepers: Sleeper[], sleeper: Sleeper): void {
  const place = sleepers.indexOf(sleeper);
  if (place >= 0) sleepers.splice(place, 1);
}

/** Enough turns of the microtask queue for what was woken to reach its next wait. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
}
