import { onAbort } from './wire/on-abort.ts';

/** Callers that wait their turn, first come first served; each can give up through its own signal. */
export class WaitingList {
  readonly #waiting: Waiter[] = [];

  get size(): number {
    return this.#waiting.length;
  }

  /** Resolves when woken; rejects with the signal's reason when aborted first. */
  wait(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { wake };
      const waiting = this.#waiting;
      waiting.push(waiter);
      const forget = onAbort(signal, giveUp);

      function wake(): void {
        forget();
        resolve();
      }
      function giveUp(): void {
        const place = waiting.indexOf(waiter);
        if (place < 0) return;
        waiting.splice(place, 1);
        reject(signal.reason);
      }
    });
  }

  /** Wakes the one that has waited longest; false when nobody waits. */
  wakeOne(): boolean {
    const first = this.#waiting.shift();
    first?.wake();
    return first !== undefined;
  }

  wakeAll(): void {
    while (this.wakeOne());
  }
}

interface Waiter {
  wake(): void;
}
