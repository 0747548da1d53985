import { concatenate, rangeOf } from './byte-source.ts';
import type { ByteRange } from './model.ts';
import { type WireType, wireTypes } from './wire-reader.ts';

type Piece = Uint8Array | ByteRange;

const encoder = new TextEncoder();

/** Gathers the fields of one message: small ones as bytes, what lies in a source by reference. */
export class WireWriter {
  readonly pieces: Piece[] = [];
  sizeBytes = 0;
  #tail: number[] = [];

  varint(field: number, value: number | bigint): void {
    this.#key(field, wireTypes.varint);
    this.rawVarint(value);
  }

  float32(field: number, value: number): void {
    this.#key(field, wireTypes.fixed32);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    for (const byte of bytes) this.#byte(byte);
  }

  text(field: number, value: string): void {
    const bytes = encoder.encode(value);
    this.#key(field, wireTypes.bytes);
    this.rawVarint(bytes.length);
    this.#append(bytes);
  }

  range(field: number, content: ByteRange): void {
    this.#key(field, wireTypes.bytes);
    this.rawVarint(content.length);
    this.#append(content);
  }

  message(field: number, content: WireWriter): void {
    this.#key(field, wireTypes.bytes);
    this.rawVarint(content.sizeBytes);
    content.#flush();
    for (const piece of content.pieces) this.#append(piece);
  }

  /** A field that is already in wire form. */
  encoded(field: ByteRange): void {
    this.#append(field);
  }

  /** What was written, adjoining pieces joined. */
  ranges(): ByteRange[] {
    this.#flush();
    return joinPieces(this.pieces);
  }

  /** A number without a key: lengths, and elements of packed fields. */
  rawVarint(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0) return this.#smallVarint(value);
    let left = BigInt.asUintN(64, BigInt(value));
    while (left > 0x7fn) {
      this.#byte(Number(left & 0x7fn) | 0x80);
      left >>= 7n;
    }
    this.#byte(Number(left));
  }

  #smallVarint(value: number): void {
    let left = value;
    while (left > 0x7f) {
      this.#byte((left % 128) | 0x80);
      left = Math.floor(left / 128);
    }
    this.#byte(left);
  }

  #key(field: number, wireType: WireType): void {
    this.#smallVarint(field * 8 + wireType);
  }

  #byte(byte: number): void {
    this.#tail.push(byte);
    this.sizeBytes++;
  }

  #append(piece: Piece): void {
    if (piece.length === 0) return;
    this.#flush();
    this.pieces.push(piece);
    this.sizeBytes += piece.length;
  }

  #flush(): void {
    if (this.#tail.length > 0) this.pieces.push(Uint8Array.from(this.#tail));
    this.#tail = [];
  }
}

/** Neighbours in memory become one buffer, neighbours in one source one range. */
function joinPieces(pieces: readonly Piece[]): ByteRange[] {
  const joined: ByteRange[] = [];
  let memory: Uint8Array[] = [];
  const flush = (): void => {
    if (memory.length > 0) joined.push(rangeOf(concatenate(memory)));
    memory = [];
  };
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) memory.push(piece);
    else {
      flush();
      pushRange(joined, piece);
    }
  }
  flush();
  return joined;
}

function pushRange(joined: ByteRange[], range: ByteRange): void {
  const last = joined.at(-1);
  if (last && last.source === range.source && last.offset + last.length === range.offset)
    joined[joined.length - 1] = { ...last, length: last.length + range.length };
  else joined.push(range);
}
