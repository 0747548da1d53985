import { InvalidInputError, UnsupportedError } from '../errors.ts';
import { readRange } from './byte-source.ts';
import { byteCount } from './element-count.ts';
import type { TensorProto } from './model.ts';

/**
 * A tensor's elements, row-major, little-endian, 4-bit elements two to a byte. Throws InvalidInputError where they are in another
 * file or their length disagrees with dims, UnsupportedError for strings.
 */
export function tensorBytes(tensor: TensorProto): Uint8Array {
  const { data, name, dims, elementType } = tensor;
  if (data.kind === 'strings') {
    throw new UnsupportedError(
      `tensor '${name}' holds strings, which have no fixed bytes`,
      'Read data.values.',
    );
  }
  if (data.kind === 'external') {
    throw new InvalidInputError(
      `tensor '${name}' lies in the file '${data.location}', not in the model`,
      'Open the files beside the model first: resolveExternal.',
    );
  }
  const expected = byteCount(name, elementType, dims);
  if (data.bytes.length === expected) return readRange(data.bytes);
  throw new InvalidInputError(
    `tensor '${name}' holds ${data.bytes.length} bytes, expected ${expected} for ${elementType} [${dims.join(', ')}]`,
    'The file is damaged: export or download it again.',
  );
}
