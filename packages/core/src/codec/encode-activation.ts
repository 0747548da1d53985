import { InvalidInputError } from '../errors.ts';
import { type ActivationLayout, activationLayout, prefixBytes, rangeBytes } from './activation-layout.ts';
import { type RawReason, writePrefix } from './activation-prefix.ts';
import { affineGrid, quantise } from './affine-grid.ts';
import type { Codec } from './codec.ts';
import { firstInfinite, writeHalves } from './halves.ts';
import { packBits } from './pack-bits.ts';
import { channelRanges, rangeWithZero, type ValueRange } from './value-range.ts';

export interface EncodedActivation {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Not null where the activation went raw instead: it holds NaN or infinity, or numbers too large for the codec. */
  readonly rawBecause: RawReason;
}

export interface EncodeOptions {
  /** Calibrated ranges, one or one a channel; values beyond are clipped. @default the range of the values */
  readonly ranges?: readonly ValueRange[];
}

/**
 * `values` of `shape`, row-major, as bytes: prefix, ranges of an affine codec, payload of ceil(elements × bits / 8) bytes;
 * `encodedActivationBytes` says how many in all. Ranges are widened to hold 0, so that 0 stays exact and a constant survives. Throws
 * InvalidInputError when values, shape and ranges do not go together.
 */
export function encodeActivation(
  values: Float32Array,
  shape: readonly number[],
  codec: Codec,
  options: EncodeOptions = {},
): EncodedActivation {
  const layout = activationLayout(shape, codec);
  if (values.length !== layout.elements) {
    throw new InvalidInputError(
      `an activation has ${values.length} elements, expected ${layout.elements} for shape [${shape.join(', ')}]`,
      'Give the values together with their own shape.',
    );
  }
  if (codec.kind === 'raw') return rawActivation(values, null);
  const range = rangeWithZero(values);
  if (range === null || !Number.isFinite(range.maximum - range.minimum))
    return rawActivation(values, 'not finite');
  if (codec.kind === 'affine')
    return affineActivation(values, layout, codec, rangesOf(values, range, layout, options));
  if (Math.max(range.maximum, -range.minimum) >= firstInfinite[codec.kind])
    return rawActivation(values, 'too large');
  const bytes = new Uint8Array(layout.totalBytes);
  writePrefix({ codec, rawBecause: null, elements: values.length }, bytes);
  writeHalves(values, codec.kind, bytes.subarray(layout.payloadOffset));
  return { bytes, rawBecause: null };
}

function rawActivation(values: Float32Array, rawBecause: RawReason): EncodedActivation {
  const bytes = new Uint8Array(prefixBytes + values.byteLength);
  writePrefix({ codec: { kind: 'raw' }, rawBecause, elements: values.length }, bytes);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), prefixBytes);
  return { bytes, rawBecause };
}

function affineActivation(
  values: Float32Array,
  { ranges: count, run, payloadOffset, totalBytes }: ActivationLayout,
  codec: Extract<Codec, { kind: 'affine' }>,
  ranges: readonly ValueRange[],
): EncodedActivation {
  const grids = ranges.map((range) => affineGrid(range, codec.bits));
  if (grids.includes(null)) return rawActivation(values, 'too large');
  const bytes = new Uint8Array(totalBytes);
  writePrefix({ codec, rawBecause: null, elements: values.length }, bytes);
  const view = new DataView(bytes.buffer);
  for (const [index, { minimum, maximum }] of ranges.entries()) {
    view.setFloat32(prefixBytes + index * rangeBytes, minimum, true);
    view.setFloat32(prefixBytes + index * rangeBytes + 4, maximum, true);
  }
  const payload = bytes.subarray(payloadOffset);
  const codes = codec.bits === 8 ? payload : new Uint8Array(values.length);
  for (let start = 0, turn = 0; start < values.length; start += run, turn = (turn + 1) % count) {
    const grid = grids[turn];
    if (grid) quantise(values.subarray(start, start + run), grid, codes, start);
  }
  if (codec.bits < 8) packBits(codes, codec.bits, payload);
  return { bytes, rawBecause: null };
}

function rangesOf(
  values: Float32Array,
  whole: ValueRange,
  { ranges: count, run }: ActivationLayout,
  { ranges: given }: EncodeOptions,
): readonly ValueRange[] {
  if (given === undefined) return count === 1 ? [whole] : channelRanges(values, count, run);
  const bad = given.find(
    ({ minimum, maximum }) => !(minimum <= maximum && Number.isFinite(maximum - minimum)),
  );
  if (given.length !== count || bad !== undefined) {
    throw new InvalidInputError(
      `an activation is given ${given.length} ranges${bad === undefined ? '' : `, one from ${bad.minimum} to ${bad.maximum}`}, ` +
        `expected ${count} finite ones`,
      'Calibrate the codec again for this model.',
    );
  }
  return given.map(({ minimum, maximum }) => ({
    minimum: Math.fround(Math.min(0, minimum)),
    maximum: Math.fround(Math.max(0, maximum)),
  }));
}
