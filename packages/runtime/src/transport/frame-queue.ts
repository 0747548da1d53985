import { ConnectionError, ProtocolError, type TandemError } from '@tandem/core';
import { onAbort } from '../wire/on-abort.ts';
import type { Frame } from './transport.ts';

/**
 * Frames on their way to one reader, in order. It holds at most `limitBytes` and one frame more, then `isFull` until the reader takes
 * some: the writer that respects this is held back, and memory stays bounded.
 */
export class FrameQueue {
  readonly #limitBytes: number;
  readonly #onRoom: () => void;
  readonly #frames: Frame[] = [];
  /** Who waits for a frame, first come first served; there are none while frames are held. */
  readonly #takers: Taker[] = [];
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
    const taker = this.#takers.shift();
    if (taker !== undefined) return taker.give(frame);
    this.#frames.push(frame);
    this.#heldBytes += frameBytes(frame);
  }

  /** The next frame; null after an orderly end, the error of any other. */
  take(signal: AbortSignal): Promise<Frame | null> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const frame = this.#frames.shift();
    if (frame !== undefined) return Promise.resolve(this.#released(frame));
    if (this.#end === null) return this.#wait(signal);
    const { error } = this.#end;
    return error === null ? Promise.resolve(null) : Promise.reject(sameError(error));
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

  #wait(signal: AbortSignal): Promise<Frame | null> {
    return new Promise((resolve, reject) => {
      const forget = onAbort(signal, () => {
        this.#takers.splice(this.#takers.indexOf(taker), 1);
        reject(signal.reason);
      });
      const taker: Taker = {
        give: (frame) => {
          forget();
          resolve(frame);
        },
        fail: (error) => {
          forget();
          reject(error);
        },
      };
      this.#takers.push(taker);
    });
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
    for (const taker of this.#takers.splice(0)) {
      if (end.error === null) taker.give(null);
      else taker.fail(sameError(end.error));
    }
    this.#onRoom();
  }
}

interface Taker {
  give(frame: Frame | null): void;
  fail(error: TandemError): void;
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
