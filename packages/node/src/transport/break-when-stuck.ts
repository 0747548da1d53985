import { type Clock, seconds } from '@tandem/core';
import { onAbort } from '@tandem/runtime';

/** How long an end of a connection may take before it is broken off. */
export interface Grace {
  readonly clock: Clock;
  readonly graceSeconds: number;
}

/** Runs `otherwise` unless `done` aborts within the grace. */
export function unlessWithin(
  { clock, graceSeconds }: Grace,
  done: AbortSignal,
  otherwise: () => void,
): Promise<void> {
  return clock.sleep(seconds(graceSeconds), done).then(otherwise, () => undefined);
}

/**
 * Half a frame cannot be taken back, and its buffers are in use until it has left: once aborted it is given the grace, then the
 * connection goes. The function returned ends the watch.
 */
export function breakWhenStuck(signal: AbortSignal, grace: Grace, breakOff: () => void): () => void {
  let given: AbortController | null = null;
  const giveGrace = (): void => {
    given = new AbortController();
    void unlessWithin(grace, given.signal, breakOff);
  };
  const forget = onAbort(signal, giveGrace);
  return () => {
    forget();
    given?.abort();
  };
}
