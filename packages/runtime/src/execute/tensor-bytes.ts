import { type ElementType, elementBits } from '@tandem/core';

/** Size of a tensor's elements, row-major, types below a byte packed: bytes. */
export function tensorByteLength(type: ElementType, shape: readonly number[]): number {
  const elements = shape.reduce((product, extent) => product * extent, 1);
  return Math.ceil((elements * elementBits[type]) / 8);
}
