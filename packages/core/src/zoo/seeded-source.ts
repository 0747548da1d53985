import { InvalidInputError } from '../errors.ts';
import type { ByteRange, ByteSource } from '../onnx/model.ts';
import { hashText } from '../random.ts';

/** How the numbers of a weight lie. */
export interface Spread {
  /** Uniform in [center - spread, center + spread]. */
  readonly center: number;
  readonly spread: number;
  /** Makes an output's weights partly cancel in their sum. @default independent */
  readonly opposed?: Opposition;
}

export interface Opposition {
  /** Elements that one output sums over. */
  readonly row: number;
  /** Correlation of the row's second half with minus its first, in [0, 1]. */
  readonly strength: number;
}

/**
 * `elements` little-endian float32 numbers that exist only while they are read. Element i depends on (name, seed, i) alone, so any
 * range costs its own length. The same on every platform: integer hashing, one double product, one rounding to float32.
 */
export function seededWeights(name: string, seed: number, elements: number, spread: Spread): ByteRange {
  const source = float32Source(name, elements, fillOf(hashText(name, seed), spread));
  return { source, offset: 0, length: elements * 4 };
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

function fillOf(key: number, { center, spread, opposed }: Spread): Fill {
  if (spread === 0) return (values) => void values.fill(center);
  const draw = createDraw(key, center);
  if (opposed !== undefined) return fillOpposed(draw, spread, opposed);
  return (values, first) => draw(values, first, spread);
}

/** Within each row of n: n/2 drawn numbers, as many that are partly the same negated, and for odd n one more. */
function fillOpposed(draw: Draw, spread: number, { row, strength }: Opposition): Fill {
  const half = Math.floor(row / 2);
  const own = Math.sqrt(1 - strength ** 2);
  return (values, first) => {
    let index = 0;
    while (index < values.length) {
      const element = first + index;
      const column = element % row;
      const opposing = column >= half && column < 2 * half;
      const end = column < half ? half : opposing ? 2 * half : row;
      const run = values.subarray(index, index + end - column);
      draw(run, element, opposing ? spread * own : spread);
      if (opposing) subtractDrawn(draw, run, element - half, spread * strength);
      index += run.length;
    }
  };
}

function subtractDrawn(draw: Draw, values: Float32Array, first: number, spread: number): void {
  const drawn = new Float32Array(values.length);
  draw(drawn, first, spread);
  for (let index = 0; index < values.length; index++)
    values[index] = (values[index] ?? 0) - (drawn[index] ?? 0);
}

/** Fills `values` with the elements from `first` on of one sequence, in [center - spread, center + spread]. */
type Draw = (values: Float32Array, first: number, spread: number) => void;

/**
 * MurmurHash3's finaliser over a Weyl sequence, with a second key between its halves: without it, the streams of two tensors would
 * be one sequence at two offsets.
 */
function createDraw(key: number, center: number): Draw {
  const innerKey = hashText('inner', key);
  return (values, first, spread) => {
    const scale = spread / 2 ** 31;
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
