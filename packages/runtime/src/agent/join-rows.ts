import { ExecutionError } from '@tandem/core';
import type { TensorValue } from '../execute/executor.ts';
import type { SpareBuffers } from '../spare-buffers.ts';

/**
 * The tensors of several requests, in the same order for each, as those of one batch: one row a request along the first dimension. Throws
 * ExecutionError for tensors that are not one row.
 */
export function joinedRows(
  requests: readonly (readonly TensorValue[])[],
  spare: SpareBuffers,
): readonly TensorValue[] {
  const [first = []] = requests;
  return first.map((tensor, at) => {
    const { name, type, shape } = tensor;
    const [rows, ...extents] = shape;
    const parts = requests.map((values) => values[at]?.data ?? tensor.data);
    if (rows !== 1 || parts.some(({ length }) => length !== tensor.data.length))
      throw notRows(name, shape, `rows of one request, ${requests.length} of one size`);
    const data = spare.take(requests.length * tensor.data.length);
    for (const [row, part] of parts.entries()) data.set(part, row * part.length);
    return { name, type, shape: [requests.length, ...extents], data };
  });
}

/** The batch taken apart again: by request its tensors, each with bytes of its own. Throws ExecutionError for another number of rows. */
export function rowsOf(
  batch: readonly TensorValue[],
  requests: number,
  spare: SpareBuffers,
): readonly (readonly TensorValue[])[] {
  const rows = Array.from({ length: requests }, (_, row) =>
    batch.map(({ name, type, shape, data }): TensorValue => {
      const [count, ...extents] = shape;
      if (count !== requests) throw notRows(name, shape, `${requests} rows`);
      const size = data.length / requests;
      const own = spare.take(size);
      own.set(data.subarray(row * size, (row + 1) * size));
      return { name, type, shape: [1, ...extents], data: own };
    }),
  );
  for (const { data } of batch) spare.give(data);
  return rows;
}

function notRows(name: string, shape: readonly number[], expected: string): ExecutionError {
  return new ExecutionError(
    `tensor ${name} of a batch is [${shape.join('×')}], expected ${expected}`,
    'Plan without batches: the model does not keep requests apart there.',
  );
}
