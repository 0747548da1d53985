/** Work that nobody awaits on the spot: none is lost, none rejects unhandled, and `settled` waits for all. */
export class Tasks {
  readonly #onError: (error: unknown) => void;
  readonly #running: Set<Promise<void>> = new Set();

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  start(work: () => Promise<void>): void {
    void this.run(work);
  }

  /** As `start`; resolves when the work has ended, however. */
  run(work: () => Promise<void>): Promise<void> {
    const task: Promise<void> = work()
      .catch(this.#onError)
      .finally(() => this.#running.delete(task));
    this.#running.add(task);
    return task;
  }

  /** Resolves when nothing runs any more, tasks started meanwhile included. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
