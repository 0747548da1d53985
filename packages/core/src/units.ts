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

/**
 * Each constructor accepts any value >= 0, infinity included, and throws InvalidInputError on NaN and on negatives. They are so short that
 * compilers put them where they are called: pricing a plan calls them some fifty times.
 */
export const seconds = (value: number): Seconds =>
  (value >= 0 ? value : refused(value, 'a duration in seconds')) as Seconds;
export const bytes = (value: number): Bytes =>
  (value >= 0 ? value : refused(value, 'a size in bytes')) as Bytes;
export const flops = (value: number): Flops =>
  (value >= 0 ? value : refused(value, 'a number of operations')) as Flops;
export const flopsPerSecond = (value: number): FlopsPerSecond =>
  (value >= 0 ? value : refused(value, 'a compute rate in FLOP/s')) as FlopsPerSecond;
export const bytesPerSecond = (value: number): BytesPerSecond =>
  (value >= 0 ? value : refused(value, 'a memory rate in byte/s')) as BytesPerSecond;
export const bitsPerSecond = (value: number): BitsPerSecond =>
  (value >= 0 ? value : refused(value, 'a link rate in bit/s')) as BitsPerSecond;
export const hertz = (value: number): Hertz =>
  (value >= 0 ? value : refused(value, 'a frequency in Hz')) as Hertz;
export const watts = (value: number): Watts => (value >= 0 ? value : refused(value, 'a power in W')) as Watts;
export const joules = (value: number): Joules =>
  (value >= 0 ? value : refused(value, 'an energy in J')) as Joules;

function refused(value: number, what: string): never {
  throw new InvalidInputError(
    `${what} is ${value}, expected a number >= 0`,
    'Give a finite, non-negative value.',
  );
}
