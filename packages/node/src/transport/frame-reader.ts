import { ResourceError } from '@tandem/core';
import type { Frame, FrameLimits, SpareBuffers } from '@tandem/runtime';
import {
  checksumBytes,
  crc32On,
  decodeChecksum,
  decodePrelude,
  preludeBytes,
  requireChecksum,
} from './prelude.ts';

/**
 * Turns a byte stream into frames. Each body gets a buffer of its own of the exact size: what comes in chunks (`read`) is copied there once,
 * and who can choose where bytes go (`room`, then `filled`) puts them there himself. Its checksum is taken piece by piece, while the piece is
 * in the processor's cache.
 */
export class FrameReader {
  /** Checked when a frame begins. */
  limits: FrameLimits;
  readonly #onFrame: (frame: Frame) => void;
  readonly #spare: Pick<SpareBuffers, 'take'>;
  readonly #prelude: Filling = filling(preludeBytes, fresh);
  readonly #expected: Filling = filling(checksumBytes, fresh);
  #beginning: Uint8Array<ArrayBuffer> | null = null;
  #header: Filling | null = null;
  #body: Filling | null = null;
  #checksum = 0;
  #since = 0;

  /** Bodies are read into buffers of `spare`. */
  constructor(
    limits: FrameLimits,
    onFrame: (frame: Frame) => void,
    spare: Pick<SpareBuffers, 'take'> = fresh,
  ) {
    this.limits = limits;
    this.#onFrame = onFrame;
    this.#spare = spare;
  }

  get isBetweenFrames(): boolean {
    return this.#header === null && this.#prelude.filled === 0;
  }

  /** Throws ProtocolError for bytes that are no frame, ResourceError when there is no memory for one; then it is of no more use. */
  read(chunk: Uint8Array): void {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.isBetweenFrames) this.#since = performance.now();
      const target = this.#next();
      const taken = fill(target, chunk, offset);
      if (target !== this.#prelude && target !== this.#expected)
        this.#checksum = crc32On(chunk.subarray(offset, offset + taken), this.#checksum);
      offset += taken;
      this.#advance();
    }
  }

  /** Where the next bytes are to be put, and then to be told of by `filled`. Never empty. */
  get room(): Uint8Array<ArrayBuffer> {
    const next = this.#next();
    if (next === this.#body) return next.bytes.subarray(next.filled, next.filled + pieceBytes);
    this.#beginning ??= new Uint8Array(beginningBytes);
    return this.#beginning;
  }

  /** So many bytes have been put at the start of `room`. Throws as `read` does. */
  filled(count: number): void {
    const came = this.room.subarray(0, count);
    const body = this.#body;
    if (body === null || this.#next() !== body) return this.read(came);
    this.#checksum = crc32On(came, this.#checksum);
    body.filled += count;
    this.#advance();
  }

  #next(): Filling {
    if (this.#header === null || this.#body === null) return this.#prelude;
    if (!isFull(this.#header)) return this.#header;
    return isFull(this.#body) ? this.#expected : this.#body;
  }

  #advance(): void {
    if (this.#header === null && isFull(this.#prelude)) this.#allocate();
    const header = this.#header;
    const body = this.#body;
    if (header === null || body === null || !isFull(this.#expected)) return;
    this.#header = null;
    this.#body = null;
    this.#prelude.filled = 0;
    this.#expected.filled = 0;
    requireChecksum('the bytes of a frame', this.#checksum, decodeChecksum(this.#expected.bytes));
    const receivedSeconds = (performance.now() - this.#since) / 1000;
    this.#onFrame({ header: header.bytes, body: body.bytes, receivedSeconds });
  }

  #allocate(): void {
    const { headerBytes, bodyBytes } = decodePrelude(this.#prelude.bytes, this.limits);
    this.#header = filling(headerBytes, fresh);
    this.#body = filling(bodyBytes, this.#spare);
    this.#checksum = 0;
  }
}

/** Room for what comes before a body's bytes, and for some small frames at once. */
const beginningBytes = 2 ** 14;
/** Of a body at a time: what the processor's cache holds until its checksum is taken. */
const pieceBytes = 2 ** 18;

interface Filling {
  readonly bytes: Uint8Array<ArrayBuffer>;
  filled: number;
}

const fresh: Pick<SpareBuffers, 'take'> = { take: (length) => new Uint8Array(length) };

function filling(length: number, spare: Pick<SpareBuffers, 'take'>): Filling {
  try {
    return { bytes: spare.take(length), filled: 0 };
  } catch (cause) {
    throw new ResourceError(
      `there is no memory for the ${length} bytes of a frame`,
      'Free some memory, or lower the limit of a frame.',
      { cause },
    );
  }
}

function isFull({ bytes, filled }: Filling): boolean {
  return filled === bytes.length;
}

/** Returns how many bytes of `chunk` it took. */
function fill(target: Filling, chunk: Uint8Array, offset: number): number {
  const taken = Math.min(chunk.length - offset, target.bytes.length - target.filled);
  const piece = taken === chunk.length ? chunk : chunk.subarray(offset, offset + taken);
  target.bytes.set(piece, target.filled);
  target.filled += taken;
  return taken;
}
