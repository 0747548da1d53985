import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../random.ts';
import { dot, RowMatrix } from './row-matrix.ts';

function filled(columns: number, count: number, seed: number, length = 1) {
  const random = createRandom(seed);
  const row = (): Float32Array =>
    Float32Array.from({ length: columns }, () => length * (random.next() - 0.3));
  const matrix = new RowMatrix(columns);
  const rows = Array.from({ length: count }, row);
  for (const own of rows) matrix.add(own);
  return { matrix, rows, vector: row() };
}

describe('RowMatrix', () => {
  it('multiplies every row, few of them or many, of whole turns of a kernel or not', () => {
    const sizes = fc.record({
      columns: fc.integer({ min: 1, max: 300 }),
      count: fc.integer({ min: 1, max: 200 }),
      seed: fc.integer({ min: 1, max: 1000 }),
    });
    fc.assert(
      fc.property(sizes, ({ columns, count, seed }) => {
        const { matrix, rows, vector } = filled(columns, count, seed);
        matrix.multiply(vector);
        expect(matrix.rows).toEqual(rows);
        for (const [row, own] of rows.entries())
          expect(Math.abs((matrix.products[row] ?? 0) - dot(own, vector))).toBeLessThan(1e-6 * columns);
      }),
      { numRuns: 40 },
    );
  });

  it('keeps what was written to a row when more rows come', () => {
    const { matrix, vector } = filled(64, 300, 1);
    matrix.rows[7]?.fill(0);
    for (let more = 0; more < 2000; more++) matrix.add(vector);
    matrix.multiply(vector);
    expect(matrix.products[7]).toBe(0);
    expect(matrix.products[2299]).toBeCloseTo(dot(vector, vector), 4);
  });

  it('says in float64 what float32 cannot hold', () => {
    const { matrix, rows, vector } = filled(100, 200, 2, 1e20);
    matrix.multiply(vector);
    for (const [row, own] of rows.entries()) expect(matrix.products[row]).toBe(dot(own, vector));
  });
});
