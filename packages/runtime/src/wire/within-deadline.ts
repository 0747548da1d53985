import { type Clock, DeadlineError, type Seconds } from '@tandem/core';
import { underEither } from '../either-signal.ts';

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
  const limit = new AbortController();
  const finished = new AbortController();
  clock.sleep(seconds, finished.signal).then(
    () => limit.abort(overdue(what, seconds)),
    () => undefined,
  );
  try {
    return await underEither(signal, limit.signal, (both) => unlessAborted(both, () => work(both)));
  } finally {
    finished.abort(new Error('finished in time'));
  }
}

/** What `work` gives, or the signal's reason as soon as it is aborted, even when `work` does not listen to it. */
export function unlessAborted<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort));
  });
}

function overdue(what: string, limit: Seconds): DeadlineError {
  return new DeadlineError(
    `${what} took longer than ${limit} s`,
    'Raise the deadline, or find out what stalls: the peer, the link, or this machine.',
  );
}
