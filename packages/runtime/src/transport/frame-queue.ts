import { ConnectionError, ProtocolError, type TandemError } from '@tandem/core';
import { Turns } from '../turns.ts';
import { WaitingList } from '../waiting-list.ts';
import type { Frame } from './transport.ts';

/**
 * Frames on their way to one reader, in order. It holds at most `limitBytes` and one frame more, then `isFull` until the reader takes
 * some: the writer that respects this is held back, and memory stays bounded.
 */
export class FrameQueue {
  readonly #limitBytes: number;
  readonly #onRoom: () => void;
  readonly #frames: Frame[] = [];
  readonly #arrival: WaitingList = new WaitingList();
  readonly #reading: Turns = new Turns();
  #heldBytes = 0;
  #end: End | null = null;

  /** `onRoom` is called each time that the reader makes room in a full queue, and once at the end. */
  constructor(limitBytes: number, onRoom: () => void) {
    this.#limitBytes = limitBytes;
    this.#onRoom = onRoom;
  }

  get isFull(): boolean {
    return this.#end === null && this.#heldBytes >= this.#limitBytes;
  }

  get hasEnded(): boolean {
    return this.#end !== null;
  }

  /** Adds a frame; after the end it is dropped. */
  add(frame: Frame): void {
    if (this.#end !== null) return;
    this.#frames.push(frame);
    this.#heldBytes += frameBytes(frame);
    this.#arrival.wakeOne();
  }

  /** The next frame; null after an orderly end, the error of any other. */
  take(signal: AbortSignal): Promise<Frame | null> {
    return this.#reading.run(signal, () => this.#takeNext(signal));
  }

  /** Orderly end: what is held can still be taken. */
  finish(): void {
    this.#endWith({ error: null });
  }

  /** Any other end: what is held can still be taken, then `take` throws. */
  fail(error: TandemError): void {
    this.#endWith({ error });
  }

  /** Lets go of what is held. */
  discard(): void {
    this.#frames.length = 0;
    this.#heldBytes = 0;
  }

  async #takeNext(signal: AbortSignal): Promise<Frame | null> {
    while (this.#frames.length === 0 && this.#end === null) await this.#arrival.wait(signal);
    const frame = this.#frames.shift();
    if (frame !== undefined) return this.#released(frame);
    if (this.#end?.error) throw sameError(this.#end.error);
    return null;
  }

  #released(frame: Frame): Frame {
    const wasFull = this.isFull;
    this.#heldBytes -= frameBytes(frame);
    if (wasFull && !this.isFull) this.#onRoom();
    return frame;
  }

  #endWith(end: End): void {
    if (this.#end !== null) return;
    this.#end = end;
    this.#arrival.wakeAll();
    this.#onRoom();
  }
}

interface End {
  readonly error: TandemError | null;
}

/** A new error for each caller, so that each has the stack of its own call. */
function sameError(error: TandemError): TandemError {
  const kind = error.constructor as new (
    message: string,
    remedy: string,
    options: { cause: unknown },
  ) => TandemError;
  return new kind(error.message, error.remedy, { cause: error });
}

/** What a frame counts as in a bounded buffer; the constant keeps empty frames from being free. */
export function frameBytes(frame: Frame): number {
  return 64 + frame.header.length + frame.body.length;
}

/** A frame that shares nothing with the other; new arrays, because a Buffer's own `slice` would be a view. */
export function copyOf({ header, body }: Frame): Frame {
  return { header: new Uint8Array(header), body: new Uint8Array(body) };
}

/** The peer, or the way to it, is gone without a word. */
export function lostError(peer: string, how: string, cause?: unknown): ConnectionError {
  return new ConnectionError(
    `the connection to ${peer} was lost: ${how}`,
    'Check that the peer still runs and can be reached, then dial again.',
    { cause },
  );
}

/** What a receiver throws about a frame that announces more than it takes. */
export function tooLong(part: 'header' | 'body', length: number | bigint, limit: number): ProtocolError {
  return new ProtocolError(
    `a frame announces a ${part} of ${length} bytes, expected at most ${limit}`,
    'Raise the limit at the receiver, or check that the peer speaks this protocol.',
  );
}

export function closedError(peer: string): ConnectionError {
  return new ConnectionError(
    `the connection to ${peer} is closed`,
    'Dial again if the peer is still needed.',
  );
}
