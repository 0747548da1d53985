import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRange } from '../onnx/byte-source.ts';
import { type Spread, seededWeights } from './seeded-source.ts';

const uniform = { center: 0.5, spread: 2 };

function numbers(name: string, seed: number, elements: number, spread: Spread = uniform): number[] {
  const bytes = readRange(seededWeights(name, seed, elements, spread));
  return [...new Float32Array(bytes.buffer, bytes.byteOffset, elements)];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('seededWeights', () => {
  it.each([uniform, { ...uniform, opposed: { row: 37, strength: 0.5 } }])(
    'reads any range as part of the whole: %j',
    (spread) => {
      const { source, length } = seededWeights('w', 1, 500, spread);
      const whole = source.read(0, length);
      fc.assert(
        fc.property(fc.nat(length), fc.nat(length), (one, other) => {
          const [start, end] = [Math.min(one, other), Math.max(one, other)];
          expect(source.read(start, end - start)).toEqual(whole.slice(start, end));
        }),
        { seed: 1, numRuns: 200 },
      );
    },
  );

  it('reads the far end of half a gigabyte at once', () => {
    const { source, length } = seededWeights('w', 1, 2 ** 27, uniform);
    expect(source.read(length - 8, 8)).toHaveLength(8);
  });

  it('is uniform: mean, deviation and neighbours', () => {
    const values = numbers('w', 1, 100_000);
    const deviations = values.map((value) => value - 0.5);
    expect(mean(values)).toBeCloseTo(0.5, 1);
    expect(mean(deviations.map((value) => value * value))).toBeCloseTo(4 / 3, 1);
    expect(mean(deviations.map((value, index) => value * (deviations[index + 1] ?? 0)))).toBeCloseTo(0, 1);
    expect(Math.max(...values.slice(0, 1000))).toBeLessThanOrEqual(2.5);
    expect(Math.min(...values.slice(0, 1000))).toBeGreaterThanOrEqual(-1.5);
  });

  it('differs by name and by seed', () => {
    const first = numbers('a', 1, 8);
    expect(numbers('a', 1, 8)).toEqual(first);
    expect(numbers('b', 1, 8)).not.toEqual(first);
    expect(numbers('a', 2, 8)).not.toEqual(first);
  });

  it('never changes: models keep their digests', () => {
    expect(numbers('conv1.weight', 1, 4, { center: 0, spread: 1 })).toMatchInlineSnapshot(`
      [
        -0.8704802989959717,
        -0.37053194642066956,
        0.17950396239757538,
        -0.40033280849456787,
      ]
    `);
  });

  it('opposes the halves of a row, leaving the odd element', () => {
    const row = numbers('w', 1, 10, { center: 0, spread: 1, opposed: { row: 5, strength: 1 } });
    for (const start of [0, 5]) {
      expect(row[start + 2]).toBe(-(row[start] ?? 0));
      expect(row[start + 3]).toBe(-(row[start + 1] ?? 0));
      expect(Math.abs(row[start + 4] ?? 0)).toBeGreaterThan(0);
    }
  });

  it('is constant without spread', () => {
    expect(numbers('variance', 1, 3, { center: 1, spread: 0 })).toEqual([1, 1, 1]);
  });

  it.each([
    [-1, 1],
    [0, 41],
    [41, 0],
    [0.5, 1],
  ])('refuses offset %d, length %d of 40 bytes', (offset, length) => {
    const { source } = seededWeights('w', 1, 10, uniform);
    expect(() => source.read(offset, length)).toThrowError(
      expect.objectContaining({ name: 'InvalidInputError' }),
    );
  });
});
