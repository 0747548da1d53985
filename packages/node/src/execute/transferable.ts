import type { TensorValue } from '@tandem/runtime';

/** The same tensors in buffers that can move to another thread whole: one that is part of a larger buffer is copied out first. */
export function movable(tensors: readonly TensorValue[]): readonly TensorValue[] {
  return tensors.map((tensor) =>
    tensor.data.byteLength === tensor.data.buffer.byteLength
      ? tensor
      : { ...tensor, data: new Uint8Array(tensor.data) },
  );
}

/** Each buffer once, as postMessage wants it. */
export function buffersOf(tensors: readonly TensorValue[]): ArrayBuffer[] {
  return [...new Set(tensors.map(({ data }) => data.buffer))];
}
