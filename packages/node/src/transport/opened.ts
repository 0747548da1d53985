import type { EventEmitter } from 'node:events';
import { dialError } from './socket-error.ts';

interface Opening {
  readonly address: string;
  readonly signal: AbortSignal;
  readonly giveUp: () => void;
}

/** Resolves when `socket` says `event`; throws what `dialError` makes of a failure, or the signal's reason once `giveUp` has run. */
export function opened(
  socket: EventEmitter,
  event: 'connect' | 'open',
  { address, signal, giveUp }: Opening,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      giveUp();
      reject(signal.reason);
    };
    const fail = (cause: Error): void => {
      signal.removeEventListener('abort', abort);
      reject(dialError(address, cause));
    };
    signal.addEventListener('abort', abort, { once: true });
    socket.once('error', fail);
    socket.once(event, () => {
      signal.removeEventListener('abort', abort);
      socket.off('error', fail);
      resolve();
    });
  });
}
