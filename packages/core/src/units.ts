import { InvalidInputError } from './errors.ts';

declare const unit: unique symbol;

/** A number that carries its unit in the type, so that seconds never add to bytes unnoticed. */
export type Quantity<Unit extends string> = number & { readonly [unit]: Unit };

export type Seconds = Quantity<'seconds'>;
export type Bytes = Quantity<'bytes'>;
/** Floating-point operations; one multiply-accumulate is two. */
export type Flops = Quantity<'flops'>;
export type FlopsPerSecond = Quantity<'flops per second'>;
export type BytesPerSecond = Quantity<'bytes per second'>;
export type BitsPerSecond = Quantity<'bits per second'>;
export type Hertz = Quantity<'hertz'>;
export type Watts = Quantity<'watts'>;
export type Joules = Quantity<'joules'>;

/** Each constructor accepts any value >= 0, infinity included, and throws InvalidInputError on NaN and on negatives. */
export const seconds = (value: number): Seconds => nonNegative(value, 'a duration in seconds') as Seconds;
export const bytes = (value: number): Bytes => nonNegative(value, 'a size in bytes') as Bytes;
export const flops = (value: number): Flops => nonNegative(value, 'a number of operations') as Flops;
export const flopsPerSecond = (value: number): FlopsPerSecond =>
  nonNegative(value, 'a compute rate in FLOP/s') as FlopsPerSecond;
export const bytesPerSecond = (value: number): BytesPerSecond =>
  nonNegative(value, 'a memory rate in byte/s') as BytesPerSecond;
export const bitsPerSecond = (value: number): BitsPerSecond =>
  nonNegative(value, 'a link rate in bit/s') as BitsPerSecond;
export const hertz = (value: number): Hertz => nonNegative(value, 'a frequency in Hz') as Hertz;
export const watts = (value: number): Watts => nonNegative(value, 'a power in W') as Watts;
export const joules = (value: number): Joules => nonNegative(value, 'an energy in J') as Joules;

function nonNegative(value: number, what: string): number {
  if (value >= 0) return value;
  throw new InvalidInputError(
    `${what} is ${value}, expected a number >= 0`,
    'Give a finite, non-negative value.',
  );
}
