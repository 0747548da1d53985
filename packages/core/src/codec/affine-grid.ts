import type { AffineBits } from './codec.ts';
import type { ValueRange } from './value-range.ts';

/** Code q stands for (q − zero) × scale. */
export interface AffineGrid {
  readonly scale: number;
  readonly zero: number;
  /** The greatest code, 2^bits − 1. */
  readonly top: number;
}

const leastNormal = 2 ** -126;

/**
 * The grid of uniform affine quantisation over `range`, which holds 0, in float32: scale = (maximum − minimum) / (2^bits − 1) and
 * zero = round(−minimum / scale). A range that float32 cannot divide so finely counts as nothing but 0: scale 1, zero 0. Null for a
 * range wider than float32.
 */
export function affineGrid({ minimum, maximum }: ValueRange, bits: AffineBits): AffineGrid | null {
  const top = 2 ** bits - 1;
  const scale = Math.fround(Math.fround(maximum - minimum) / top);
  if (!Number.isFinite(scale)) return null;
  if (scale < leastNormal) return { scale: 1, zero: 0, top };
  return { scale, zero: clamped(roundHalfEven(Math.fround(-minimum / scale)), 0, top), top };
}

/** Codes of `values` into `codes` at `offset`: clamp(round(x / scale) + zero), ties to even. */
export function quantise(
  values: Float32Array,
  { scale, zero, top }: AffineGrid,
  codes: Uint8Array,
  offset: number,
): void {
  for (let index = 0; index < values.length; index++) {
    // Clamping first gives the same code and keeps the rounding below within its bounds.
    const steps = clamped(Math.fround((values[index] ?? 0) / scale), -zero, top - zero);
    codes[offset + index] = roundHalfEven(steps) + zero;
  }
}

/** Values of `codes` from `offset` into `values`. */
export function dequantise(
  codes: Uint8Array,
  offset: number,
  { scale, zero }: AffineGrid,
  values: Float32Array,
): void {
  for (let index = 0; index < values.length; index++) {
    values[index] = ((codes[offset + index] ?? 0) - zero) * scale;
  }
}

/** Adding it leaves no bits for a fraction, so that the sum is rounded as doubles are: to nearest, ties to even. */
const noFraction = 1.5 * 2 ** 52;

function roundHalfEven(value: number): number {
  return value + noFraction - noFraction;
}

function clamped(value: number, least: number, most: number): number {
  if (value < least) return least;
  return value > most ? most : value;
}
