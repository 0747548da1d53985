import { CancelledError, type Clock, DeadlineError, type Seconds } from '@tandem/core';
import { onAbort, underOwnSignal } from './on-abort.ts';

export interface Deadline {
  readonly clock: Clock;
  readonly seconds: Seconds;
  readonly signal: AbortSignal;
  /** Completes the sentence '… took longer than N s'. */
  readonly what: string;
}

/**
 * Runs `work` for at most so long: throws DeadlineError after it, the signal's reason when that is aborted first. `work` is told
 * through its signal; what it still does after that is ignored.
 */
export async function withinDeadline<Result>(
  { clock, seconds, signal, what }: Deadline,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  return await underOwnSignal(signal, async (own) => {
    const finished = new AbortController();
    clock.sleep(seconds, finished.signal).then(
      () => own.abort(overdue(what, seconds)),
      () => undefined,
    );
    try {
      return await unlessAborted(own.signal, () => work(own.signal));
    } finally {
      finished.abort(inTime);
    }
  });
}

/** Made once: with its stack an error costs more than all the rest of a deadline. */
const inTime = new CancelledError('the work was finished in time', 'Nothing needs doing.');

/** What `work` gives, or the signal's reason as soon as it is aborted, even when `work` does not listen to it. */
export function unlessAborted<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const forget = onAbort(signal, () => reject(signal.reason));
    work().then(resolve, reject).finally(forget);
  });
}

export function overdue(what: string, limit: Seconds): DeadlineError {
  return new DeadlineError(
    `${what} took longer than ${limit} s`,
    'Raise the deadline, or find out what stalls: the peer, the link, or this machine.',
  );
}
