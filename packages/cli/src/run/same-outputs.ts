import type { TensorValue } from '@tandem/runtime';

/** As many, and bit for bit. */
export const sameOutputs = (left: readonly TensorValue[], right: readonly TensorValue[]): boolean =>
  left.length === right.length &&
  left.every(({ data }, at) => Buffer.compare(data, right[at]?.data ?? new Uint8Array()) === 0);
