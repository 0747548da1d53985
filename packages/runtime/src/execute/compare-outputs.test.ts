import { describe, expect, it } from 'vitest';
import { compareOutputs } from './compare-outputs.ts';
import type { TensorValue } from './executor.ts';

const tensor = (name: string, values: readonly number[]): TensorValue => ({
  name,
  type: 'float32',
  shape: [values.length],
  data: new Uint8Array(Float32Array.from(values).buffer),
});

describe('compareOutputs', () => {
  it.each([
    ['the same', [1, 2, 4], [1, 2, 4], true, 0, true],
    ['a small difference', [1, 2, 4], [1, 2, 4.5], false, 0.5, true],
    ['another winner', [1, 2, 4], [1, 6, 4], false, 4, false],
    ['a NaN on one side', [1, 2, 4], [1, 2, Number.NaN], false, Number.POSITIVE_INFINITY, false],
    ['the same NaN', [Number.NaN, 2], [Number.NaN, 2], true, 0, true],
    ['zeros of two signs', [0, 1], [-0, 1], false, 0, true],
  ])('%s', (_, expected, actual, identical, maxAbsoluteDifference, sameTop1) => {
    const difference = compareOutputs([tensor('y', expected)], [tensor('y', actual)]);
    expect(difference).toMatchObject({ identical, maxAbsoluteDifference, sameTop1 });
  });

  it('relates the difference to the largest magnitude of the reference', () => {
    const { maxRelativeDifference } = compareOutputs([tensor('y', [-8, 1])], [tensor('y', [-8, 3])]);
    expect(maxRelativeDifference).toBe(0.25);
  });

  it('refuses outputs that are not of the same shape', () => {
    expect(() => compareOutputs([tensor('y', [1, 2])], [tensor('y', [1])])).toThrow(
      /"y" is float32\[1\], expected float32\[2\]/,
    );
    expect(() => compareOutputs([tensor('y', [1])], [tensor('z', [1])])).toThrow(/missing/);
  });
});
