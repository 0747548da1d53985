/** What waits for each signal. One listener a signal, because Node takes more than ten for a leak and says so on standard error. */
const waiting: WeakMap<AbortSignal, Set<() => void>> = new WeakMap();

/** Calls `listener` once when the signal aborts; the function returned takes it back. */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  const listeners = waiting.get(signal) ?? listenTo(signal);
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function listenTo(signal: AbortSignal): Set<() => void> {
  const listeners = new Set<() => void>();
  waiting.set(signal, listeners);
  const callAll = (): void => {
    for (const listener of listeners) listener();
    listeners.clear();
  };
  signal.addEventListener('abort', callAll, { once: true });
  return listeners;
}

/** Runs `work` under a signal of its own that aborts with `signal`. */
export async function underOwnSignal<Result>(
  signal: AbortSignal,
  work: (own: AbortController) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  const own = new AbortController();
  const forget = onAbort(signal, () => own.abort(signal.reason));
  try {
    return await work(own);
  } finally {
    forget();
  }
}
