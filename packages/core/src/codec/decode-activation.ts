import type { ActivationKernels } from './activation-kernels.ts';
import { type ActivationLayout, activationLayout, prefixBytes, rangeBytes } from './activation-layout.ts';
import { notAnActivation, readPrefix } from './activation-prefix.ts';
import { type AffineGrid, affineGrid } from './affine-grid.ts';
import { type AffineBits, type Codec, codecName } from './codec.ts';
import { plainKernels } from './plain-kernels.ts';

export interface DecodeOptions {
  /** Written to from its beginning where it is long enough. @default a new array */
  readonly into?: Float32Array<ArrayBuffer>;
}

/**
 * The values, row-major, of an activation of `shape` that `encodeActivation` wrote. Allocates only after every length has been
 * compared with the shape's; throws ProtocolError for anything else than such bytes, and for another codec than `expected`, unless they
 * went raw because that codec cannot hold them.
 */
export function decodeActivation(
  encoded: Uint8Array,
  shape: readonly number[],
  expected?: Codec,
  { into }: DecodeOptions = {},
  kernels: ActivationKernels = plainKernels,
): Float32Array<ArrayBuffer> {
  const { codec, elements, rawBecause } = readPrefix(encoded);
  if (expected !== undefined && rawBecause === null && codecName(codec) !== codecName(expected))
    throw notAnActivation(`is ${codecName(codec)}`, codecName(expected));
  if (codec.kind === 'affine' && codec.perChannel && shape.length < 2)
    throw notAnActivation('has a range a channel', `one for shape [${shape.join(', ')}]`);
  const layout = activationLayout(shape, codec);
  if (elements !== layout.elements)
    throw notAnActivation(`has ${elements} elements`, `${layout.elements} for shape [${shape.join(', ')}]`);
  if (encoded.length !== layout.totalBytes)
    throw notAnActivation(`has ${encoded.length} bytes`, `${layout.totalBytes} for ${elements} elements`);
  const payload = encoded.subarray(layout.payloadOffset);
  const grids = codec.kind === 'affine' ? gridsOf(encoded, layout, codec.bits) : [];
  const isRoom = into !== undefined && into.length >= elements;
  const values = isRoom ? into.subarray(0, elements) : new Float32Array(elements);
  if (codec.kind === 'raw') new Uint8Array(values.buffer, values.byteOffset).set(payload);
  else if (codec.kind === 'affine')
    kernels.dequantise(payload, codec.bits, { each: grids, run: layout.run }, values);
  else kernels.readHalves(payload, codec.kind, values);
  return values;
}

function gridsOf(encoded: Uint8Array, { ranges }: ActivationLayout, bits: AffineBits): AffineGrid[] {
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  return Array.from({ length: ranges }, (_, index) => {
    const minimum = view.getFloat32(prefixBytes + index * rangeBytes, true);
    const maximum = view.getFloat32(prefixBytes + index * rangeBytes + 4, true);
    const grid = minimum <= 0 && maximum >= 0 ? affineGrid({ minimum, maximum }, bits) : null;
    if (grid !== null) return grid;
    throw notAnActivation(`has a range from ${minimum} to ${maximum}`, 'finite numbers around 0');
  });
}
