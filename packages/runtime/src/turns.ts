import { WaitingList } from './waiting-list.ts';

/** One holder at a time, in the order of asking: a freed turn goes straight to the next in line, so nobody overtakes. */
export class Turns {
  readonly #line: WaitingList = new WaitingList();
  #taken = false;

  /** Runs `work` when its turn comes; rejects with the signal's reason when aborted while still in line. */
  async run<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    signal.throwIfAborted();
    if (this.#taken) await this.#line.wait(signal);
    this.#taken = true;
    try {
      return await work();
    } finally {
      this.#taken = this.#line.wakeOne();
    }
  }
}
