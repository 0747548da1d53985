import { InvalidInputError, UnsupportedError } from '../errors.ts';
import { concatenate, readRange, subRange } from './byte-source.ts';
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
  if (!(Number.isSafeInteger(chunkBytes) && chunkBytes > 0)) {
    throw new InvalidInputError(
      `a model is to be sent in chunks of ${chunkBytes} bytes`,
      'Give a whole number above 0.',
    );
  }
  for (const run of chunkRuns(encoded.ranges, chunkBytes)) {
    const [only] = run;
    yield only && run.length === 1 ? readRange(only) : concatenate(run.map(readRange));
  }
}

/** The ranges cut and gathered so that each list sums to `size`, the last to what is left. */
function* chunkRuns(ranges: readonly ByteRange[], size: number): Iterable<readonly ByteRange[]> {
  let run: ByteRange[] = [];
  let filled = 0;
  for (const range of ranges) {
    for (let offset = 0; offset < range.length; ) {
      const length = Math.min(size - filled, range.length - offset);
      run.push(subRange(range, offset, length));
      offset += length;
      filled += length;
      if (filled < size) continue;
      yield run;
      run = [];
      filled = 0;
    }
  }
  if (filled > 0) yield run;
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
