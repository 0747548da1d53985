/** Runs `work` under a signal that aborts as soon as one of the two does, with that one's reason. */
export async function underEither<Result>(
  first: AbortSignal,
  second: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const both = new AbortController();
  const abortFirst = (): void => both.abort(first.reason);
  const abortSecond = (): void => both.abort(second.reason);
  first.throwIfAborted();
  second.throwIfAborted();
  first.addEventListener('abort', abortFirst);
  second.addEventListener('abort', abortSecond);
  try {
    return await work(both.signal);
  } finally {
    first.removeEventListener('abort', abortFirst);
    second.removeEventListener('abort', abortSecond);
  }
}
