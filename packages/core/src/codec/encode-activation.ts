import { InvalidInputError } from '../errors.ts';
import type { ActivationKernels, LoadedValues } from './activation-kernels.ts';
import { type ActivationLayout, activationLayout, prefixBytes, rangeBytes } from './activation-layout.ts';
import { type RawReason, writePrefix } from './activation-prefix.ts';
import { affineGrid } from './affine-grid.ts';
import type { Codec } from './codec.ts';
import { firstInfinite } from './halves.ts';
import { plainKernels } from './plain-kernels.ts';
import { GrowingRange, type ValueRange } from './value-range.ts';

export interface EncodedActivation {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Not null where the activation went raw instead: it holds NaN or infinity, or numbers too large for the codec. */
  readonly rawBecause: RawReason;
}

export interface EncodeOptions {
  /** Calibrated ranges, one or one a channel; values beyond are clipped. @default the range of the values */
  readonly ranges?: readonly ValueRange[];
  /**
   * Written to from its beginning where it is long enough. Fresh memory costs more than coding does, so keep some for tensors that come
   * again and again. @default a new array
   */
  readonly into?: Uint8Array<ArrayBuffer>;
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
  kernels: ActivationKernels = plainKernels,
): EncodedActivation {
  const layout = activationLayout(shape, codec);
  if (values.length !== layout.elements) {
    throw new InvalidInputError(
      `an activation has ${values.length} elements, expected ${layout.elements} for shape [${shape.join(', ')}]`,
      'Give the values together with their own shape.',
    );
  }
  if (codec.kind === 'raw') return rawActivation(values, null, options);
  const loaded = kernels.load(values, layout.run);
  const ranges = finiteRanges(loaded, layout, options);
  if (ranges === null) return rawActivation(values, 'not finite', options);
  const bytes = room(layout.totalBytes, options);
  const isWritten =
    codec.kind === 'affine'
      ? writeAffine(
          loaded,
          layout,
          codec,
          calibrated(options, layout) ?? ranges.slice(0, layout.ranges),
          bytes,
        )
      : writeSixteen(loaded, layout, codec, ranges, bytes);
  return isWritten ? { bytes, rawBecause: null } : rawActivation(values, 'too large', options);
}

function room(length: number, { into }: EncodeOptions): Uint8Array<ArrayBuffer> {
  return into !== undefined && into.length >= length ? into.subarray(0, length) : new Uint8Array(length);
}

function rawActivation(
  values: Float32Array,
  rawBecause: RawReason,
  options: EncodeOptions,
): EncodedActivation {
  const bytes = room(prefixBytes + values.byteLength, options);
  writePrefix({ codec: { kind: 'raw' }, rawBecause, elements: values.length }, bytes);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), prefixBytes);
  return { bytes, rawBecause };
}

/** One for each that the layout has; one of all values where it has none, or others are given. Null unless all are finite. */
function finiteRanges(
  loaded: LoadedValues,
  { ranges: count, run, elements }: ActivationLayout,
  options: EncodeOptions,
): readonly ValueRange[] | null {
  const each = options.ranges === undefined ? Math.max(1, count) : 1;
  const ranges = Array.from({ length: each }, () => new GrowingRange());
  const numbers = loaded.widen({ each: ranges, run: each === 1 ? elements : run });
  const finite = ranges.every(({ minimum, maximum }) => Number.isFinite(maximum - minimum));
  return numbers && finite ? ranges : null;
}

/** False, and nothing written, where a range is wider than float32. */
function writeAffine(
  loaded: LoadedValues,
  { elements, run, payloadOffset }: ActivationLayout,
  codec: Extract<Codec, { kind: 'affine' }>,
  ranges: readonly ValueRange[],
  bytes: Uint8Array<ArrayBuffer>,
): boolean {
  const grids = ranges.flatMap((range) => affineGrid(range, codec.bits) ?? []);
  if (grids.length < ranges.length) return false;
  writePrefix({ codec, rawBecause: null, elements }, bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (const [index, { minimum, maximum }] of ranges.entries()) {
    view.setFloat32(prefixBytes + index * rangeBytes, minimum, true);
    view.setFloat32(prefixBytes + index * rangeBytes + 4, maximum, true);
  }
  loaded.quantise({ each: grids, run }, codec.bits, bytes.subarray(payloadOffset));
  return true;
}

/** False, and nothing written, where a value would become infinite. */
function writeSixteen(
  loaded: LoadedValues,
  { elements, payloadOffset }: ActivationLayout,
  codec: Extract<Codec, { kind: 'fp16' | 'bf16' }>,
  ranges: readonly ValueRange[],
  bytes: Uint8Array<ArrayBuffer>,
): boolean {
  const tooLarge = firstInfinite[codec.kind];
  if (ranges.some(({ minimum, maximum }) => Math.max(maximum, -minimum) >= tooLarge)) return false;
  writePrefix({ codec, rawBecause: null, elements }, bytes);
  loaded.writeHalves(codec.kind, bytes.subarray(payloadOffset));
  return true;
}

/** The ranges of the options, in float32 and with 0 in them. */
function calibrated(
  { ranges: given }: EncodeOptions,
  { ranges: count }: ActivationLayout,
): readonly ValueRange[] | undefined {
  const bad = given?.find(
    ({ minimum, maximum }) => !(minimum <= maximum && Number.isFinite(maximum - minimum)),
  );
  if (given !== undefined && (given.length !== count || bad !== undefined)) {
    throw new InvalidInputError(
      `an activation is given ${given.length} ranges${bad === undefined ? '' : `, one from ${bad.minimum} to ${bad.maximum}`}, ` +
        `expected ${count} finite ones`,
      'Calibrate the codec again for this model.',
    );
  }
  return given?.map(({ minimum, maximum }) => ({
    minimum: Math.fround(Math.min(0, minimum)),
    maximum: Math.fround(Math.max(0, maximum)),
  }));
}
