import { ExecutionError } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import type { TensorValue } from '../execute/executor.ts';
import { SpareBuffers } from '../spare-buffers.ts';
import { joinedRows, rowsOf } from './join-rows.ts';

const tensor = (name: string, bytes: readonly number[], shape: readonly number[]): TensorValue => ({
  name,
  type: 'uint8',
  shape,
  data: Uint8Array.from(bytes),
});

describe('requests as rows of a batch', () => {
  const requests = [
    [tensor('a', [1, 2], [1, 2]), tensor('b', [3], [1])],
    [tensor('a', [4, 5], [1, 2]), tensor('b', [6], [1])],
    [tensor('a', [7, 8], [1, 2]), tensor('b', [9], [1])],
  ];

  it('lie one behind the other, tensor by tensor', () => {
    expect(joinedRows(requests, new SpareBuffers())).toEqual([
      tensor('a', [1, 2, 4, 5, 7, 8], [3, 2]),
      tensor('b', [3, 6, 9], [3]),
    ]);
  });

  it('come apart as they were, each with bytes of its own', () => {
    const apart = rowsOf(joinedRows(requests, new SpareBuffers()), 3, new SpareBuffers());
    expect(apart).toEqual(requests);
    expect(new Set(apart.flat().map(({ data }) => data.buffer)).size).toBe(6);
  });

  it('are refused where they are no rows', () => {
    const wide = [[tensor('a', [1, 2], [2])], [tensor('a', [1, 2], [2])]];
    const uneven = [[tensor('a', [1, 2], [1, 2])], [tensor('a', [1], [1, 1])]];
    for (const wrong of [wide, uneven])
      expect(() => joinedRows(wrong, new SpareBuffers())).toThrow(ExecutionError);
    expect(() => rowsOf([tensor('a', [1, 2], [1, 2])], 2, new SpareBuffers())).toThrow(
      /is \[1×2\], expected 2 rows/,
    );
  });
});
