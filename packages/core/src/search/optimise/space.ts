import { InvalidInputError } from '../../errors.ts';
import type { Random } from '../../random.ts';

/** A real number in [low, high], where `step` is given one of low, low + step, … ≤ high; or one of `count` unordered choices. */
export type Dimension =
  | { readonly kind: 'range'; readonly low: number; readonly high: number; readonly step?: number }
  | { readonly kind: 'choice'; readonly count: number };

export type Space = readonly Dimension[];

/** One value a dimension; a choice is its index. */
export type Point = readonly number[];

/** Throws InvalidInputError for a space without dimensions, without values or with values that are not finite. */
export function requireSpace(space: Space): void {
  const refuse = (what: string): never => {
    throw new InvalidInputError(what, 'Give each dimension low ≤ high, step > 0 or a count of at least 1.');
  };
  if (space.length === 0) refuse('The space to search has no dimensions; at least one is needed.');
  for (const [index, dimension] of space.entries()) {
    if (dimension.kind === 'choice') {
      if (!Number.isInteger(dimension.count) || dimension.count < 1)
        refuse(`Dimension ${index} has ${dimension.count} choices; a whole number from 1 is needed.`);
      continue;
    }
    const { low, high, step = 1 } = dimension;
    if (!(Number.isFinite(high - low) && low <= high && step > 0))
      refuse(`Dimension ${index} reaches from ${low} to ${high} in steps of ${step}, which holds no values.`);
  }
}

/** The values of a stepped dimension are low + i × step for i = 0 … lastStep. */
export function lastStep(low: number, high: number, step: number): number {
  return Math.floor((high - low) / step + 1e-9);
}

/** The permitted value nearest to `value`. */
export function snap(dimension: Dimension, value: number): number {
  if (dimension.kind === 'choice') return clamp(Math.round(value), 0, dimension.count - 1);
  const { low, high, step } = dimension;
  if (step === undefined) return clamp(value, low, high);
  return low + step * clamp(Math.round((value - low) / step), 0, lastStep(low, high, step));
}

/** The value at a share in [0, 1] of the dimension's width; values of a grid and choices have equal shares. */
export function valueAt(dimension: Dimension, share: number): number {
  if (dimension.kind === 'choice') return clamp(Math.floor(share * dimension.count), 0, dimension.count - 1);
  const { low, high, step } = dimension;
  if (step === undefined) return low + share * (high - low);
  const last = lastStep(low, high, step);
  return low + step * clamp(Math.floor(share * (last + 1)), 0, last);
}

/** A share at which `valueAt` gives the value: the middle of those. */
export function shareOfValue(dimension: Dimension, value: number): number {
  if (dimension.kind === 'choice') return (value + 0.5) / dimension.count;
  const { low, high, step } = dimension;
  if (step !== undefined) return ((value - low) / step + 0.5) / (lastStep(low, high, step) + 1);
  return high === low ? 0.5 : (value - low) / (high - low);
}

export const pointAt = (space: Space, shares: ArrayLike<number>): Point =>
  space.map((dimension, index) => valueAt(dimension, shares[index] ?? 0));

export const uniformPoint = (space: Space, random: Random): Point =>
  space.map((dimension) => valueAt(dimension, random.next()));

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));
