import { setTimeout as sleep } from 'node:timers/promises';

export interface Keeping {
  /** Whether the user asked for it. */
  readonly isKept: boolean;
  /** Saves what is known now. */
  readonly save: () => Promise<unknown>;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
  /** @default 30 */
  readonly everySeconds?: number;
}

/** Saves what is learned again and again while `work` goes on, so that a run which is stopped, or loses a device, has most of it. */
export async function keepingLearned<Result>(
  { isKept, save, signal, progress, everySeconds = 30 }: Keeping,
  work: () => Promise<Result>,
): Promise<Result> {
  if (!isKept) return await work();
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const keep = async (): Promise<void> => {
    while (!either.aborted) {
      // Woken by the end of the work.
      await sleep(1000 * everySeconds, undefined, { signal: either }).catch(() => undefined);
      if (either.aborted) return;
      await save().catch((cause: unknown) => {
        progress(`what was learned is not kept: ${cause instanceof Error ? cause.message : String(cause)}`);
      });
    }
  };
  const keeping = keep();
  try {
    return await work();
  } finally {
    ended.abort();
    await keeping;
  }
}
