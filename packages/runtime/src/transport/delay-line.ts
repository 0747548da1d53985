import { WaitingList } from '../waiting-list.ts';
import { copyOf, frameBytes } from './frame-queue.ts';
import type { Frame } from './transport.ts';

export interface DelayLineOptions {
  /** What may be under way at once; one frame always may. */
  readonly windowBytes: number;
  /** Hands a frame over at `arrivesAt`; called one at a time, in the order of leaving. */
  readonly deliver: (frame: Frame, arrivesAt: number) => Promise<void>;
  readonly onFailure: () => void;
}

/** Frames that have left their sender and not yet arrived. */
export class DelayLine {
  readonly #options: DelayLineOptions;
  readonly #room: WaitingList = new WaitingList();
  #underWayBytes = 0;
  #lastArrival: Promise<void> = Promise.resolve();

  constructor(options: DelayLineOptions) {
    this.#options = options;
  }

  /** Resolves when a frame of this size may leave, true when it had to wait for that; ask one at a time. */
  async room(sizeBytes: number, signal: AbortSignal): Promise<boolean> {
    if (this.#hasRoom(sizeBytes)) return false;
    while (!this.#hasRoom(sizeBytes)) await this.#room.wait(signal);
    return true;
  }

  /** The sender may reuse its buffers from here on, so what is under way is a copy. */
  launch(frame: Frame, arrivesAt: number): void {
    const { deliver, onFailure } = this.#options;
    const copy = copyOf(frame);
    const sizeBytes = frameBytes(frame);
    this.#underWayBytes += sizeBytes;
    this.#lastArrival = this.#lastArrival
      .then(() => deliver(copy, arrivesAt))
      .catch(onFailure)
      .finally(() => {
        this.#underWayBytes -= sizeBytes;
        this.#room.wakeOne();
      });
  }

  #hasRoom(sizeBytes: number): boolean {
    return this.#underWayBytes === 0 || this.#underWayBytes + sizeBytes <= this.#options.windowBytes;
  }

  /** Resolves when nothing is under way. */
  drained(): Promise<void> {
    return this.#lastArrival;
  }
}
