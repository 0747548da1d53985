import { UnsupportedError } from '../errors.ts';
import { readRange, subRange } from './byte-source.ts';
import type { ByteRange, ModelProto } from './model.ts';
import { modelCodec } from './model-codec.ts';

/** Bytes that were gathered, not yet copied: the parts one after another. */
export interface EncodedModel {
  readonly sizeBytes: number;
  readonly ranges: readonly ByteRange[];
}

/** The size that every protobuf library takes for a signed 32-bit number. */
const largestModel = 2 ** 31 - 1;
const defaultChunkBytes = 2 ** 20;

/** The model as bytes: headers in memory, weights by reference. Throws UnsupportedError above 2 GiB, protobuf's limit. */
export function encodeModel(model: ModelProto): EncodedModel {
  const writer = modelCodec.write(model);
  if (writer.sizeBytes > largestModel) {
    throw new UnsupportedError(
      `the model takes ${writer.sizeBytes} bytes, protobuf messages end at ${largestModel}`,
      'Keep the weights in a file beside the model: externaliseWeights.',
    );
  }
  return { sizeBytes: writer.sizeBytes, ranges: writer.ranges() };
}

/** The bytes in order, in chunks of `chunkBytes` (the last may be shorter). A chunk must not be modified. */
export function* encodedChunks(
  encoded: EncodedModel,
  chunkBytes: number = defaultChunkBytes,
): Iterable<Uint8Array> {
  const size = Math.max(1, Math.floor(chunkBytes));
  let chunk = new Uint8Array(0);
  let used = 0;
  let left = encoded.sizeBytes;
  for (const range of encoded.ranges) {
    for (let offset = 0; offset < range.length; ) {
      if (used === 0 && range.length - offset >= size) {
        yield readRange(subRange(range, offset, size));
        offset += size;
        left -= size;
        continue;
      }
      if (used === 0) chunk = new Uint8Array(Math.min(size, left));
      const length = Math.min(chunk.length - used, range.length - offset);
      chunk.set(readRange(subRange(range, offset, length)), used);
      used += length;
      offset += length;
      if (used < chunk.length) continue;
      yield chunk;
      left -= used;
      used = 0;
    }
  }
}

/** All bytes in one buffer, for models that fit in memory. */
export function encodedBytes(encoded: EncodedModel): Uint8Array {
  const bytes = new Uint8Array(encoded.sizeBytes);
  let offset = 0;
  for (const range of encoded.ranges) {
    bytes.set(readRange(range), offset);
    offset += range.length;
  }
  return bytes;
}
