import type { TensorValue } from '@tandem/runtime';

/**
 * The same tensors in buffers that can move to another thread whole. One that is part of a larger buffer is copied out first; so is
 * an empty one, whose buffer may have been taken away without showing it.
 */
export function movable(tensors: readonly TensorValue[]): readonly TensorValue[] {
  return tensors.map((tensor) =>
    isWhole(tensor.data) ? tensor : { ...tensor, data: new Uint8Array(tensor.data) },
  );
}

function isWhole(data: Uint8Array): boolean {
  return data.byteLength > 0 && data.byteLength === data.buffer.byteLength;
}

/** Each buffer once, as postMessage wants it. */
export function buffersOf(tensors: readonly TensorValue[]): ArrayBuffer[] {
  return [...new Set(tensors.map(({ data }) => data.buffer))];
}
