import { type FrameLimits, FrameQueue, lostError, type SpareBuffers } from '@tandem/runtime';
import { FrameReader } from './frame-reader.ts';

/** What the reader may leave lying, beside what the kernel holds. */
const unreadBytes = 2 ** 21;

export interface InboundOptions {
  readonly limits: FrameLimits;
  /** What bodies are read into. */
  readonly spare: SpareBuffers;
}

/** The frames that a socket's bytes make up, as they come. */
export class InboundFrames extends FrameQueue {
  readonly #peer: string;
  readonly #reader: FrameReader;

  /** `onRoom`: as of FrameQueue. */
  constructor(peer: string, { limits, spare }: InboundOptions, onRoom: () => void) {
    super(unreadBytes, onRoom);
    this.#peer = peer;
    this.#reader = new FrameReader(limits, (frame) => this.add(frame), spare);
  }

  allow(limits: FrameLimits): void {
    this.#reader.limits = limits;
  }

  /** As of FrameReader. */
  get room(): Uint8Array {
    return this.#reader.room;
  }

  /** As of FrameReader. */
  filled(count: number): void {
    this.#reader.filled(count);
  }

  /** Throws ProtocolError as FrameReader does. */
  read(bytes: Buffer): void {
    this.#reader.read(bytes);
  }

  /** No bytes come any more: orderly between two frames. */
  endOfBytes(): void {
    if (this.#reader.isBetweenFrames) this.finish();
    else this.fail(lostError(this.#peer, 'it ended in the middle of a frame'));
  }
}
