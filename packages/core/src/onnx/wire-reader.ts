import { InvalidInputError, UnsupportedError } from '../errors.ts';
import { readRange } from './byte-source.ts';
import type { ByteRange, ByteSource } from './model.ts';

/** How a protobuf field lies on the wire. Groups (3, 4) are long deprecated and refused. */
export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;
export type WireType = (typeof wireTypes)[keyof typeof wireTypes];

/** A field's key. `start` is the offset of the key itself. */
export interface FieldKey {
  readonly number: number;
  readonly wireType: WireType;
  readonly start: number;
}

/** Where a length-delimited field's content lies in the source. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const smallestWindow = 4096;
const largestWindow = 65536;
const longestText = 2 ** 26;
/** What reading one model may create; a hostile file of empty messages would otherwise cost a hundred times its size. */
const mostMessages = 2 ** 21;
const mostItems = 2 ** 24;
const deepestGraph = 32;

/**
 * Reads protobuf fields from a source through a window of at most 64 KiB, forward only: skipped content is never read, nothing
 * is read twice. Throws InvalidInputError on truncated or malformed bytes, UnsupportedError beyond the stated limits.
 */
export class WireReader {
  readonly source: ByteSource;
  #position: number;
  #window: Uint8Array;
  #windowStart: number;
  #messages = 0;
  #items = 0;
  #depth = 0;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  constructor(source: ByteSource, start = 0) {
    this.source = source;
    this.#position = start;
    this.#window = new Uint8Array(0);
    this.#windowStart = start;
  }

  get position(): number {
    return this.#position;
  }

  /** Continues at `position`, which must not lie behind. */
  skipTo(position: number): void {
    this.#position = position;
  }

  /** Counts one message against the limit of a model. */
  countMessage(): void {
    if (++this.#messages > mostMessages) this.#tooLarge('messages', mostMessages);
  }

  /** Counts one element of a repeated field against the limit of a model. */
  countItem(): void {
    if (++this.#items > mostItems) this.#tooLarge('list elements', mostItems);
  }

  /** Runs `read` one sub-graph deeper; a model may nest 32. */
  nested<Result>(read: () => Result): Result {
    if (this.#depth === deepestGraph) this.#tooLarge('levels of sub-graphs', deepestGraph);
    this.#depth++;
    const result = read();
    this.#depth--;
    return result;
  }

  key(end: number): FieldKey {
    const start = this.#position;
    const key = this.#varint(end);
    const number = Math.floor(key / 8);
    const wireType = key % 8;
    if (number < 1 || number >= 2 ** 29)
      this.fail(`has field number ${number}, expected 1 to 2^29 - 1`, start);
    if (!isWireType(wireType)) this.fail(`has wire type ${wireType}, expected 0, 1, 2 or 5`, start);
    return { number, wireType, start };
  }

  /** Refuses a field whose wire type is not the one that onnx.proto gives it. */
  expect(key: FieldKey, wireType: WireType): void {
    if (key.wireType === wireType) return;
    this.fail(`has field ${key.number} with wire type ${key.wireType}, expected ${wireType}`, key.start);
  }

  /** An int64 as it is. */
  bigint(end: number): bigint {
    const low = this.#sevens(end, 4);
    if (low.done) return BigInt(low.value);
    const middle = this.#sevens(end, 4);
    const lower = BigInt(low.value) | (BigInt(middle.value) << 28n);
    if (middle.done) return lower;
    const high = this.#sevens(end, 2);
    if (!high.done) this.fail('has a number of more than ten bytes', this.#position);
    return BigInt.asIntN(64, lower | (BigInt(high.value) << 56n));
  }

  /** An int64 as a number, or null where it is not exact. */
  integer(end: number): number | null {
    const value = this.bigint(end);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : null;
  }

  float32(end: number): number {
    return this.#fixed(end, 4).getFloat32(0, true);
  }

  /** `width` (4 or 8) bytes as an unsigned little-endian number. */
  fixed(end: number, width: number): bigint {
    const view = this.#fixed(end, width);
    return width === 8 ? view.getBigUint64(0, true) : BigInt(view.getUint32(0, true));
  }

  /** The span of a length-delimited field's content; the reader stands at its start. */
  span(end: number): Span {
    const at = this.#position;
    const length = this.#varint(end);
    const start = this.#position;
    if (length > end - start) this.fail(`announces ${length} bytes where ${end - start} are left`, at);
    return { start, end: start + length };
  }

  /** A field's content as text, or null where it is not UTF-8. */
  text(end: number): string | null {
    const span = this.span(end);
    const bytes = this.#bytes(span);
    try {
      return this.#decoder.decode(bytes);
    } catch {
      return null;
    }
  }

  /** Skips a field's content. */
  skip(wireType: WireType, end: number): void {
    if (wireType === wireTypes.varint) this.bigint(end);
    else if (wireType === wireTypes.bytes) this.#position = this.span(end).end;
    else this.#advance(end, wireType === wireTypes.fixed64 ? 8 : 4);
  }

  /** The range from `start` to `end` of the source. */
  range(start: number, end: number): ByteRange {
    return { source: this.source, offset: start, length: end - start };
  }

  fail(what: string, position: number): never {
    throw new InvalidInputError(
      `the model file ${what}, at byte ${position}`,
      'Is it an ONNX file, and complete? Export or download it again.',
    );
  }

  #tooLarge(what: string, limit: number): never {
    throw new UnsupportedError(
      `the model file holds more than ${limit} ${what} before byte ${this.#position}`,
      'Store long constant lists as tensors (raw_data), and flatten deep sub-graphs.',
    );
  }

  #bytes(span: Span): Uint8Array {
    const length = span.end - span.start;
    if (length > longestText)
      throw new UnsupportedError(
        `a text of ${length} bytes at byte ${span.start} of the model file, at most ${longestText} are read`,
        'Remove the long text from the model.',
      );
    this.#position = span.end;
    const offset = span.start - this.#windowStart;
    if (offset >= 0 && offset + length <= this.#window.length)
      return this.#window.subarray(offset, offset + length);
    return this.#read(span.start, length);
  }

  /** Up to `count` groups of seven bits. */
  #sevens(end: number, count: number): { value: number; done: boolean } {
    let value = 0;
    for (let index = 0; index < count; index++) {
      const byte = this.#byte(end);
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return { value, done: true };
    }
    return { value, done: false };
  }

  /** An unsigned number below 2^56: keys and lengths. */
  #varint(end: number): number {
    const at = this.#position;
    const { value, done } = this.#sevens(end, 8);
    if (!done || !Number.isSafeInteger(value)) this.fail('has a key or length above 2^53', at);
    return value;
  }

  #fixed(end: number, length: number): DataView {
    const bytes = new Uint8Array(length);
    for (let index = 0; index < length; index++) bytes[index] = this.#byte(end);
    return new DataView(bytes.buffer);
  }

  #advance(end: number, length: number): void {
    if (end - this.#position < length) this.fail('ends within a number', this.#position);
    this.#position += length;
  }

  #byte(end: number): number {
    if (this.#position >= end) this.fail('ends within a field', this.#position);
    const offset = this.#position - this.#windowStart;
    const byte = this.#window[offset] ?? this.#refill();
    this.#position++;
    return byte;
  }

  /** Moves the window to the position: small after a jump, growing while reading on. */
  #refill(): number {
    const follows = this.#position === this.#windowStart + this.#window.length && this.#window.length > 0;
    const wanted = follows ? Math.min(largestWindow, this.#window.length * 2) : smallestWindow;
    const length = Math.min(wanted, this.source.size - this.#position);
    this.#window = this.#read(this.#position, length);
    this.#windowStart = this.#position;
    return this.#window[0] ?? this.fail('ends within a field', this.#position);
  }

  #read(offset: number, length: number): Uint8Array {
    return readRange({ source: this.source, offset, length });
  }
}

function isWireType(value: number): value is WireType {
  return value === 0 || value === 1 || value === 2 || value === 5;
}
