import { InvalidInputError } from '../errors.ts';
import { rangeOf } from './byte-source.ts';
import type { ByteRange } from './model.ts';
import { type WireType, wireTypes } from './wire-reader.ts';

type Piece = Uint8Array | ByteRange;

const encoder = new TextEncoder();
const smallestBuffer = 64;

/** Gathers the fields of one message: small ones as bytes, what lies in a source by reference. */
export class WireWriter {
  sizeBytes = 0;
  /** What comes before the buffer. */
  readonly #pieces: Piece[] = [];
  #buffer: Uint8Array = new Uint8Array(smallestBuffer);
  #used = 0;

  varint(field: number, value: number | bigint): void {
    if (typeof value === 'number' && !Number.isSafeInteger(value)) {
      throw new InvalidInputError(
        `field ${field} of the model is ${value}, expected a whole number`,
        'Give versions and sizes as whole numbers below 2^53.',
      );
    }
    this.#key(field, wireTypes.varint);
    if (typeof value === 'number' && value >= 0) this.#varint(value);
    else this.#signedVarint(BigInt(value));
  }

  float32(field: number, value: number): void {
    this.#key(field, wireTypes.fixed32);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.#append(bytes);
  }

  text(field: number, value: string): void {
    const bytes = encoder.encode(value);
    this.#key(field, wireTypes.bytes);
    this.#varint(bytes.length);
    this.#append(bytes);
  }

  range(field: number, content: ByteRange): void {
    this.#key(field, wireTypes.bytes);
    this.#varint(content.length);
    this.encoded(content);
  }

  message(field: number, content: WireWriter): void {
    this.#key(field, wireTypes.bytes);
    this.#varint(content.sizeBytes);
    for (const piece of content.#pieces) this.#append(piece);
    this.#append(content.#buffer.subarray(0, content.#used));
  }

  /** A field, or the content of a message, that is already in wire form. */
  encoded(bytes: ByteRange): void {
    this.#append(bytes);
  }

  /** What was written; neighbours in one source become one range. */
  ranges(): ByteRange[] {
    this.#flush();
    const joined: ByteRange[] = [];
    for (const piece of this.#pieces) join(joined, piece instanceof Uint8Array ? rangeOf(piece) : piece);
    return joined;
  }

  #key(field: number, wireType: WireType): void {
    this.#varint(field * 8 + wireType);
  }

  #varint(value: number): void {
    this.#reserve(10);
    let left = value;
    while (left > 0x7f) {
      this.#buffer[this.#used++] = (left % 128) | 0x80;
      left = Math.floor(left / 128);
      this.sizeBytes++;
    }
    this.#buffer[this.#used++] = left;
    this.sizeBytes++;
  }

  #signedVarint(value: bigint): void {
    this.#reserve(10);
    let left = BigInt.asUintN(64, value);
    while (left > 0x7fn) {
      this.#buffer[this.#used++] = Number(left & 0x7fn) | 0x80;
      left >>= 7n;
      this.sizeBytes++;
    }
    this.#buffer[this.#used++] = Number(left);
    this.sizeBytes++;
  }

  #append(piece: Piece): void {
    if (piece.length === 0) return;
    this.sizeBytes += piece.length;
    if (piece instanceof Uint8Array) {
      this.#reserve(piece.length);
      this.#buffer.set(piece, this.#used);
      this.#used += piece.length;
    } else {
      this.#flush();
      this.#pieces.push(piece);
    }
  }

  #reserve(length: number): void {
    const needed = this.#used + length;
    if (needed <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    larger.set(this.#buffer.subarray(0, this.#used));
    this.#buffer = larger;
  }

  #flush(): void {
    if (this.#used === 0) return;
    this.#pieces.push(this.#buffer.subarray(0, this.#used));
    this.#buffer = new Uint8Array(smallestBuffer);
    this.#used = 0;
  }
}

function join(joined: ByteRange[], range: ByteRange): void {
  const last = joined.at(-1);
  if (last && last.source === range.source && last.offset + last.length === range.offset)
    joined[joined.length - 1] = { ...last, length: last.length + range.length };
  else joined.push(range);
}
