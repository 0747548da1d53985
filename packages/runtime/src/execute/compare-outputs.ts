import { InvalidInputError } from '@tandem/core';
import type { TensorValue } from './executor.ts';
import { tensorNumbers } from './tensor-numbers.ts';

/** How far one set of outputs is from another, over all tensors. */
export interface OutputDifference {
  /** The same bytes. */
  readonly identical: boolean;
  readonly maxAbsoluteDifference: number;
  /** Relative to the largest magnitude in the tensor of the reference where the difference lies. */
  readonly maxRelativeDifference: number;
  /** The position of the largest element agrees in every output. */
  readonly sameTop1: boolean;
}

/**
 * Compares outputs by name. A NaN on one side only counts as an infinite difference. Throws InvalidInputError when names, types or
 * shapes differ.
 */
export function compareOutputs(
  reference: readonly TensorValue[],
  actual: readonly TensorValue[],
): OutputDifference {
  const byName = new Map(actual.map((tensor) => [tensor.name, tensor]));
  const parts = reference.map((tensor) => compareTensor(tensor, byName.get(tensor.name)));
  return {
    identical: parts.every((part) => part.identical),
    maxAbsoluteDifference: Math.max(0, ...parts.map((part) => part.maxAbsoluteDifference)),
    maxRelativeDifference: Math.max(0, ...parts.map((part) => part.maxRelativeDifference)),
    sameTop1: parts.every((part) => part.sameTop1),
  };
}

function compareTensor(reference: TensorValue, actual: TensorValue | undefined): OutputDifference {
  const shape = describe(reference);
  if (actual === undefined || describe(actual) !== shape) {
    throw new InvalidInputError(
      `output "${reference.name}" is ${actual === undefined ? 'missing' : describe(actual)}, expected ${shape}`,
      'Compare the outputs of the same model on the same inputs.',
    );
  }
  const left = tensorNumbers(reference);
  const right = tensorNumbers(actual);
  let difference = 0;
  let largest = 0;
  let topLeft = 0;
  let topRight = 0;
  for (let index = 0; index < left.length; index++) {
    const expected = left[index] ?? 0;
    const got = right[index] ?? 0;
    largest = Math.max(largest, Math.abs(expected));
    difference = Math.max(difference, distance(expected, got));
    if (expected > (left[topLeft] ?? 0)) topLeft = index;
    if (got > (right[topRight] ?? 0)) topRight = index;
  }
  return {
    identical: sameBytes(reference.data, actual.data),
    maxAbsoluteDifference: difference,
    maxRelativeDifference: difference === 0 ? 0 : difference / largest,
    sameTop1: topLeft === topRight,
  };
}

function distance(expected: number, got: number): number {
  if (Object.is(expected, got) || expected === got) return 0;
  const difference = Math.abs(expected - got);
  return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

const describe = (tensor: TensorValue): string => `${tensor.type}[${tensor.shape.join('×')}]`;
