import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import {
  type BoostedTrees,
  type BoostingOptions,
  boostedValue,
  fitBoostedTrees,
} from './gradient-boosting.ts';
import type { Samples } from './regression-tree.ts';

/** Rows of three features, few distinct values so that ties occur, some missing. */
const samples: fc.Arbitrary<Samples> = fc
  .array(
    fc.record({
      row: fc.array(
        fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -8, max: 8 }) }, fc.constant(Number.NaN)),
        { minLength: 3, maxLength: 3 },
      ),
      target: fc.double({ min: -100, max: 100, noNaN: true }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((drawn) => ({ rows: drawn.map(({ row }) => row), targets: drawn.map(({ target }) => target) }));

const run = { seed: 7, numRuns: 60 };

const fit = (data: Samples, options: BoostingOptions = {}): BoostedTrees =>
  fitBoostedTrees(data, { trees: 12, ...options }, createRandom(3));

const squaredError = (model: BoostedTrees, { rows, targets }: Samples): number =>
  rows.reduce((sum, row, index) => sum + (boostedValue(model, row) - (targets[index] ?? 0)) ** 2, 0);

describe('fitBoostedTrees', () => {
  it('never raises the training error with another tree', () => {
    fc.assert(
      fc.property(samples, fc.constantFrom(0.1, 0.5, 1), (data, learningRate) => {
        const model = fit(data, { learningRate });
        let before = Number.POSITIVE_INFINITY;
        for (let count = 0; count <= model.trees.length; count++) {
          const error = squaredError({ ...model, trees: model.trees.slice(0, count) }, data);
          expect(error).toBeLessThanOrEqual(before + 1e-9 * (1 + error));
          before = error;
        }
      }),
      run,
    );
  });

  it('answers a constant target exactly', () => {
    const rows = [[1], [2], [3]];
    for (const target of [0, 0.1, -1 / 3, 1e300])
      expect(boostedValue(fit({ rows, targets: [target, target, target] }), [9])).toBe(target);
  });

  it('depends on the order of a feature’s values only', () => {
    const stretched = (row: readonly number[]): number[] => row.map((value) => Math.exp(value) * 5 - 2);
    fc.assert(
      fc.property(samples, (data) => {
        const plain = fit(data);
        const scaled = fit({ ...data, rows: data.rows.map(stretched) });
        for (const row of data.rows)
          expect(boostedValue(scaled, stretched(row))).toBe(boostedValue(plain, row));
      }),
      run,
    );
  });

  it('gives the same model for the same seed, through JSON too', () => {
    const options = { rowShare: 0.6, featureShare: 0.7 };
    fc.assert(
      fc.property(samples, (data) => {
        const model = fit(data, options);
        expect(JSON.parse(JSON.stringify(model))).toEqual(fit(data, options));
      }),
      run,
    );
  });

  it('is the mean without trees', () => {
    const data = { rows: [[1], [2], [4]], targets: [1, 2, 6] };
    expect(fit(data, { trees: 0 })).toEqual({ base: 3, trees: [] });
  });

  it('learns a step and a product that no single feature shows', () => {
    const rows = Array.from({ length: 64 }, (_, index) => [index % 8, Math.floor(index / 8)]);
    const targets = rows.map(([x = 0, y = 0]) => (x < 4 === y < 4 ? 1 : -1) + x / 100);
    const model = fitBoostedTrees(
      { rows, targets },
      { trees: 60, depth: 4, learningRate: 0.5 },
      createRandom(1),
    );
    expect(squaredError(model, { rows, targets })).toBeLessThan(1e-3);
  });

  it('sends missing features the way of the smallest', () => {
    const data = { rows: [[Number.NaN], [1], [5]], targets: [2, 2, 8] };
    const model = fit(data, { trees: 1, learningRate: 1 });
    expect(boostedValue(model, [Number.NaN])).toBe(boostedValue(model, [1]));
    expect(boostedValue(model, [5])).toBe(8);
  });

  it.each<{ what: string; data: Samples; message: string }>([
    { what: 'no rows', data: { rows: [], targets: [] }, message: 'no rows' },
    { what: 'ragged rows', data: { rows: [[1], [1, 2]], targets: [1, 2] }, message: 'row 1 has 2 features' },
    { what: 'too few targets', data: { rows: [[1], [2]], targets: [1] }, message: '1 targets' },
    { what: 'a missing target', data: { rows: [[1]], targets: [Number.NaN] }, message: 'target 0 is NaN' },
  ])('refuses $what', ({ data, message }) => {
    expect(() => fit(data)).toThrow(message);
  });
});
