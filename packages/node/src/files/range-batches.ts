import type { ByteRange, ByteSource } from '@tandem/core';
import type { FileSource } from './file-source.ts';

const defaultBatchBytes = 2 ** 20;

/**
 * The bytes of `ranges`, in order, as views of two buffers that take turns: a batch stays as it is until the next but one is asked
 * for. All but the last hold `batchBytes`.
 */
export function* batches(
  ranges: readonly ByteRange[],
  batchBytes: number = defaultBatchBytes,
): Generator<Uint8Array<ArrayBuffer>, void, void> {
  let buffer = new Uint8Array(batchBytes);
  let other = new Uint8Array(batchBytes);
  let filled = 0;
  for (const range of ranges) {
    for (let done = 0; done < range.length; ) {
      const count = Math.min(range.length - done, batchBytes - filled);
      copyInto(buffer.subarray(filled, filled + count), range.source, range.offset + done);
      done += count;
      filled += count;
      if (filled < batchBytes) continue;
      yield buffer;
      [buffer, other] = [other, buffer];
      filled = 0;
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}

function copyInto(target: Uint8Array, source: ByteSource, offset: number): void {
  if (isFileSource(source)) source.readInto(target, offset);
  else target.set(source.read(offset, target.length));
}

function isFileSource(source: ByteSource): source is FileSource {
  return 'readInto' in source;
}
