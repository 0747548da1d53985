import { InvalidInputError } from '../errors.ts';
import type { ByteRange, ByteSource } from '../onnx/model.ts';
import { hashText } from '../random.ts';

/** Uniform in [center - spread, center + spread]. */
export interface Spread {
  readonly center: number;
  readonly spread: number;
}

/**
 * `elements` little-endian float32 numbers that exist only while they are read. Element i depends on (name, seed, i) alone, so any
 * range costs its own length. The same on every platform: integer hashing, one double product, one rounding to float32.
 */
export function seededWeights(
  name: string,
  seed: number,
  elements: number,
  { center, spread }: Spread,
): ByteRange {
  const fill = spread === 0 ? fillWith(center) : fillUniform(hashText(name, seed), center, spread);
  return { source: float32Source(name, elements, fill), offset: 0, length: elements * 4 };
}

/** Writes elements `first`, `first + 1` … into `values`. */
type Fill = (values: Float32Array, first: number) => void;

function float32Source(name: string, elements: number, fill: Fill): ByteSource {
  const size = elements * 4;
  return {
    size,
    read: (offset, length) => {
      requireRange(name, offset, length, size);
      const first = Math.floor(offset / 4);
      const values = new Float32Array(Math.ceil((offset + length) / 4) - first);
      fill(values, first);
      return new Uint8Array(values.buffer, offset - first * 4, length);
    },
  };
}

function fillWith(value: number): Fill {
  return (values) => void values.fill(value);
}

/**
 * MurmurHash3's finaliser over a Weyl sequence, with a second key between its halves: without it, the streams of two tensors would
 * be one sequence at two offsets.
 */
function fillUniform(key: number, center: number, spread: number): Fill {
  const innerKey = hashText('inner', key);
  const scale = spread / 2 ** 31;
  return (values, first) => {
    let counter = (Math.imul(first, 0x9e3779b9) + key) | 0;
    for (let index = 0; index < values.length; index++) {
      let hash = Math.imul(counter ^ (counter >>> 16), 0x85ebca6b);
      hash ^= (hash >>> 13) ^ innerKey;
      hash = Math.imul(hash, 0xc2b2ae35);
      hash ^= hash >>> 16;
      values[index] = center + (hash + 0.5) * scale;
      counter = (counter + 0x9e3779b9) | 0;
    }
  };
}

function requireRange(name: string, offset: number, length: number, size: number): void {
  if (Number.isSafeInteger(offset) && offset >= 0 && length >= 0 && offset + length <= size) return;
  throw new InvalidInputError(
    `weights '${name}' were read at ${offset} for ${length} bytes, expected a range within ${size} bytes`,
    'Read within the size of the source.',
  );
}
