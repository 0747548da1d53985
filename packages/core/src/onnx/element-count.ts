import { InvalidInputError } from '../errors.ts';
import { type ElementType, elementBits } from './model.ts';

/** The product of `dims`; throws InvalidInputError on a negative or fractional size and beyond 2^53. */
export function elementCount(tensor: string, dims: readonly number[]): number {
  const wrong = dims.find((size) => !(Number.isSafeInteger(size) && size >= 0));
  const count = dims.includes(0) ? 0 : dims.reduce((product, size) => product * size, 1);
  if (wrong === undefined && Number.isSafeInteger(count)) return count;
  throw new InvalidInputError(
    `tensor '${tensor}' has dims [${dims.slice(0, 16).join(', ')}], expected sizes >= 0 with a product below 2^53`,
    'The file is damaged: export or download it again.',
  );
}

/** Bytes that the elements of a tensor take, 4-bit elements two to a byte; 0 for strings. */
export function byteCount(tensor: string, type: ElementType, dims: readonly number[]): number {
  return Math.ceil((elementCount(tensor, dims) * elementBits[type]) / 8);
}
