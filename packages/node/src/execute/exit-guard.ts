const [idle, busy, stopped] = [0, 1, 2];

/**
 * Keeps a process from ending while another thread of it is inside the model runtime, which would abort the process with a core
 * dump instead. Both threads hold one over the same shared memory.
 */
export class ExitGuard {
  /** Give it to the other thread. */
  readonly state: Int32Array<SharedArrayBuffer>;

  constructor(state: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(4))) {
    this.state = state;
  }

  /** False when the process is about to end: do not begin. */
  enter(): boolean {
    return Atomics.compareExchange(this.state, 0, idle, busy) === idle;
  }

  leave(): void {
    Atomics.compareExchange(this.state, 0, busy, idle);
    Atomics.notify(this.state, 0);
  }

  /** Blocks this thread until the other is outside, at most this long; the other cannot enter any more. */
  stop(milliseconds: number): void {
    const until = performance.now() + milliseconds;
    while (Atomics.compareExchange(this.state, 0, idle, stopped) === busy && performance.now() < until)
      Atomics.wait(this.state, 0, busy, until - performance.now());
  }
}

const longestWaitMilliseconds = 60_000;
const watched = new Set<ExitGuard>();

/** Stops the guard when the process exits. The process has one exit, so all guards share one listener. Returns the way back. */
export function stopAtExit(guard: ExitGuard): () => void {
  if (watched.size === 0) process.on('exit', stopAll);
  watched.add(guard);
  return () => {
    watched.delete(guard);
    if (watched.size === 0) process.off('exit', stopAll);
  };
}

function stopAll(): void {
  for (const guard of watched) guard.stop(longestWaitMilliseconds);
}
