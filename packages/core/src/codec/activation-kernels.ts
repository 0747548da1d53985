import type { AffineGrid } from './affine-grid.ts';
import type { AffineBits } from './codec.ts';
import type { Runs } from './runs.ts';
import type { GrowingRange } from './value-range.ts';

/** The loops over elements behind `encodeActivation` and `decodeActivation`, which do everything else. */
export interface ActivationKernels {
  /** Called first in each encoding; what it returns is used before anything else here is called. `run`: see `Runs`. */
  load(values: Float32Array, run: number): LoadedValues;
  /** What `LoadedValues.quantise` wrote, into all of `values`. */
  dequantise(payload: Uint8Array, bits: AffineBits, grids: Runs<AffineGrid>, values: Float32Array): void;
  /** What `LoadedValues.writeHalves` wrote, into all of `values`. */
  readHalves(payload: Uint8Array, kind: 'fp16' | 'bf16', values: Float32Array): void;
}

export interface LoadedValues {
  /** Widens each range to hold the values of its runs; false when a value is NaN. Called first. */
  widen(ranges: Runs<GrowingRange>): boolean;
  /** Codes, clamp(round(x / scale) + zero), packed as `packBits` does. */
  quantise(grids: Runs<AffineGrid>, bits: AffineBits, payload: Uint8Array): void;
  /** Each value rounded to 16 bits, little-endian; none becomes infinite. */
  writeHalves(kind: 'fp16' | 'bf16', payload: Uint8Array): void;
}
