import { InvalidInputError } from '../errors.ts';
import { elementCount } from '../onnx/element-count.ts';
import { bitsOf, type Codec } from './codec.ts';

/** Kind, bits, whether per channel, why raw; then the number of elements. */
export const prefixBytes = 8;
/** Least and greatest value, float32 each. */
export const rangeBytes = 8;

/** Where the parts of an encoded activation lie: prefix, ranges, payload. */
export interface ActivationLayout {
  readonly elements: number;
  /** 0 unless affine, 1 for the whole tensor, else one a channel. */
  readonly ranges: number;
  /** Elements next to each other that share a range. */
  readonly run: number;
  readonly payloadOffset: number;
  readonly totalBytes: number;
}

/** Throws InvalidInputError for a shape that is none, has 2^32 elements or more, or has no channel axis where the codec needs one. */
export function activationLayout(shape: readonly number[], codec: Codec): ActivationLayout {
  const elements = elementCount('activation', shape);
  if (elements >= 2 ** 32) {
    throw new InvalidInputError(
      `an activation has ${elements} elements, expected fewer than 2^32`,
      'Cut the model elsewhere, or take a smaller batch.',
    );
  }
  const ranges = rangeCount(shape, codec);
  const run = ranges > 1 ? shape.slice(2).reduce((product, size) => product * size, 1) : elements;
  const payloadOffset = prefixBytes + ranges * rangeBytes;
  const totalBytes = payloadOffset + Math.ceil((elements * bitsOf(codec)) / 8);
  return { elements, ranges, run, payloadOffset, totalBytes };
}

function rangeCount(shape: readonly number[], codec: Codec): number {
  if (codec.kind !== 'affine') return 0;
  if (!codec.perChannel) return 1;
  const channels = shape[1];
  if (channels !== undefined) return shape.includes(0) ? 0 : channels;
  throw new InvalidInputError(
    `an activation of shape [${shape.join(', ')}] has no channels, expected two or more dimensions`,
    'Give one range for the whole tensor: perChannel false.',
  );
}

/** The exact size of an activation of `shape` that is not sent raw instead (see `encodeActivation`). Throws InvalidInputError. */
export function encodedActivationBytes(shape: readonly number[], codec: Codec): number {
  return activationLayout(shape, codec).totalBytes;
}
