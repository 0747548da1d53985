import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastSquares } from './least-squares.ts';

describe('leastSquares', () => {
  it.each<{ what: string; rows: number[][]; targets: number[]; expected: number[] }>([
    {
      what: 'a line',
      rows: [
        [1, 0],
        [1, 1],
        [1, 2],
      ],
      targets: [1, 3, 5],
      expected: [1, 2],
    },
    {
      what: 'columns of unlike size',
      rows: [
        [1e9, 0],
        [0, 1e-9],
      ],
      targets: [2, 3],
      expected: [2e-9, 3e9],
    },
    {
      what: 'a column of zeros',
      rows: [
        [0, 1],
        [0, 2],
      ],
      targets: [2, 4],
      expected: [0, 2],
    },
  ])('fits $what', ({ rows, targets, expected }) => {
    const weights = leastSquares({ rows, targets }, { ridge: 0 });
    for (const [index, weight] of weights.entries())
      expect(weight).toBeCloseTo(expected[index] ?? 0, 6 - Math.ceil(Math.log10(1 + Math.abs(weight))));
  });

  it('keeps coefficients at zero that would be negative, and fits the rest again', () => {
    const rows = [
      [1, 0],
      [1, 1],
      [1, 2],
    ];
    const [level, slope] = leastSquares({ rows, targets: [6, 4, 2] }, { ridge: 0, nonNegative: true });
    expect(level).toBeCloseTo(4, 12);
    expect(slope).toBe(0);
  });

  it('leaves no better non-negative coefficients nearby', () => {
    const value = fc.double({ min: -3, max: 3, noNaN: true });
    const row = fc.array(value, { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(fc.tuple(row, value), { minLength: 3, maxLength: 9 }), (drawn) => {
        const rows = drawn.map(([features]) => features);
        const targets = drawn.map(([, target]) => target);
        const error = (weights: readonly number[]): number =>
          rows.reduce((sum, features, index) => {
            const sumOf = features.reduce(
              (total, feature, column) => total + feature * (weights[column] ?? 0),
              0,
            );
            return sum + (sumOf - (targets[index] ?? 0)) ** 2;
          }, 0);
        const best = leastSquares({ rows, targets }, { ridge: 1e-9, nonNegative: true });
        for (const [column, weight] of best.entries()) {
          expect(weight).toBeGreaterThanOrEqual(0);
          for (const step of [-0.01, 0.01]) {
            const moved = best.with(column, Math.max(0, weight + step));
            expect(error(best)).toBeLessThanOrEqual(error(moved) + 1e-4);
          }
        }
      }),
      { seed: 5, numRuns: 80 },
    );
  });
});
