import { InvalidInputError } from '../errors.ts';
import type { ByteRange, ByteSource } from './model.ts';

/** `bytes` as a source; reads are views into it, not copies. */
export function bufferSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) => {
      checkRange(offset, length, bytes.length);
      return bytes.subarray(offset, offset + length);
    },
  };
}

/** All of `bytes`, by reference. */
export function rangeOf(bytes: Uint8Array): ByteRange {
  return { source: bufferSource(bytes), offset: 0, length: bytes.length };
}

/** `length` zero bytes that take no memory until they are read. */
export function zeroRange(length: number): ByteRange {
  return { source: { size: length, read: (_offset, count) => new Uint8Array(count) }, offset: 0, length };
}

/** The bytes of `range`. Throws InvalidInputError when the source holds fewer than it promised. */
export function readRange(range: ByteRange): Uint8Array {
  checkRange(range.offset, range.length, range.source.size);
  const bytes = range.source.read(range.offset, range.length);
  if (bytes.length === range.length) return bytes;
  throw new InvalidInputError(
    `reading ${range.length} bytes at offset ${range.offset} gave ${bytes.length}`,
    'The file changed while it was open: start again.',
  );
}

/** Part of a range. */
export function subRange(range: ByteRange, offset: number, length: number): ByteRange {
  checkRange(offset, length, range.length);
  return { source: range.source, offset: range.offset + offset, length };
}

/** The parts one after another in one new buffer. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

function checkRange(offset: number, length: number, size: number): void {
  const valid = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (valid && offset + length <= size) return;
  throw new InvalidInputError(
    `${length} bytes at offset ${offset} do not lie within the ${size} bytes that there are`,
    'The file is truncated or damaged: fetch it again.',
  );
}
