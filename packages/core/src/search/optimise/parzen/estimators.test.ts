import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../random.ts';
import { type Dimension, snap, valueAt } from '../space.ts';
import { Ascending } from './ascending.ts';
import { createEstimator } from './create-estimator.ts';
import type { Estimator } from './estimator.ts';
import { groupOf, type Observations, recencyWeights } from './observations.ts';

function observations(values: readonly number[], weights = recencyWeights(values.length)): Observations {
  const ascending = ascendingOf(values);
  const { count, order } = ascending;
  return { count, values: ascending.values, order, group: groupOf([...values.keys()], count, weights) };
}

function ascendingOf(values: readonly number[]): Ascending {
  const ascending = new Ascending();
  for (const value of values) ascending.add(value);
  return ascending;
}

const observationsIn = (dimension: Dimension): fc.Arbitrary<Observations> =>
  fc
    .array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 150 })
    .map((shares) => observations(shares.map((share) => valueAt(dimension, share))));

function estimate(dimension: Dimension, observed: Observations): Estimator {
  const estimator = createEstimator(dimension);
  estimator.fit(observed);
  return estimator;
}

const density = (estimator: Estimator, value: number): number =>
  estimator.density(value, Number.POSITIVE_INFINITY);

const densities = (estimator: Estimator, values: readonly number[]): number[] =>
  values.map((value) => density(estimator, value));

const sum = (values: readonly number[]): number => values.reduce((left, right) => left + right, 0);

describe('an estimator', () => {
  const grids: readonly Dimension[] = [
    { kind: 'choice', count: 5 },
    { kind: 'range', low: 0.5, high: 1, step: 0.1 },
    { kind: 'range', low: -1, high: 1.15, step: 0.3 },
  ];

  it.each(grids)('gives the values of $kind $step a probability of 1 together', (dimension) => {
    const count = dimension.kind === 'choice' ? 5 : 8;
    const values = [...new Set(Array.from({ length: 99 }, (_, index) => valueAt(dimension, index / 99)))];
    expect(values.length).toBeLessThanOrEqual(count);
    fc.assert(
      fc.property(observationsIn(dimension), (observed) => {
        expect(sum(densities(estimate(dimension, observed), values))).toBeCloseTo(1, 5);
      }),
      { seed: 2, numRuns: 50 },
    );
  });

  it('is a density over a range', () => {
    const dimension = { kind: 'range', low: 2, high: 6 } as const;
    const cells = 500;
    fc.assert(
      fc.property(observationsIn(dimension), (observed) => {
        const values = Array.from({ length: cells }, (_, cell) => 2 + (4 * (cell + 0.5)) / cells);
        const mass = (sum(densities(estimate(dimension, observed), values)) * 4) / cells;
        expect(mass).toBeCloseTo(1, 3);
      }),
      { seed: 3, numRuns: 20 },
    );
  });

  it.each([...grids, { kind: 'range', low: 2, high: 6 } as const])(
    'draws permitted values of $kind $step',
    (dimension) => {
      fc.assert(
        fc.property(observationsIn(dimension), fc.nat(), (observed, seed) => {
          const value = estimate(dimension, observed).draw(createRandom(seed));
          expect(snap(dimension, value)).toBe(value);
        }),
        { seed: 4, numRuns: 60 },
      );
    },
  );

  it.each([...grids, { kind: 'range', low: 2, high: 6 } as const])(
    'adds up to what is enough and not beyond the density of $kind $step',
    (dimension) => {
      fc.assert(
        fc.property(
          observationsIn(dimension),
          fc.double({ min: 0, max: 1, noNaN: true }),
          fc.double({ min: 0, max: 1, noNaN: true }),
          (observed, place, share) => {
            const estimator = estimate(dimension, observed);
            const value = valueAt(dimension, place);
            const whole = density(estimator, value);
            const part = estimator.density(value, share * whole);
            expect(part).toBeGreaterThanOrEqual(share * whole);
            expect(part).toBeLessThanOrEqual(whole);
            expect(estimator.density(value, 2 * whole)).toBe(whole);
          },
        ),
        { seed: 5, numRuns: 60 },
      );
    },
  );

  it('draws as often as it says', () => {
    const dimension = { kind: 'range', low: 0, high: 3, step: 1 } as const;
    const estimator = estimate(dimension, observations([0, 0, 1]));
    const random = createRandom(8);
    const draws = Array.from({ length: 8000 }, () => estimator.draw(random));
    for (const value of [0, 1, 2, 3]) {
      const share = draws.filter((drawn) => drawn === value).length / draws.length;
      expect(Math.abs(share - density(estimator, value))).toBeLessThan(0.02);
    }
  });

  it.each([
    // One observation at 1 of [0, 4]: its neighbour, the prior, lies 1 away, and the width / 3 is 4/3.
    { observed: [1], deviation: 4 / 3 },
    // Seven components more: the width / 10 and the gaps to both neighbours, of which the larger counts.
    { observed: [1, 1.1, 1.7, 0, 0.5, 3, 4, 3.5], deviation: 0.5 },
  ])('is as wide around $observed as the larger gap, but not too narrow', ({ observed, deviation }) => {
    const dimension = { kind: 'range', low: 0, high: 4 } as const;
    const weights = observed.map((_, index) => (index === 0 ? 1e9 : 1e-9));
    const at = (value: number): number =>
      Math.log(density(estimate(dimension, observations(observed, weights)), value));
    expect(at(1) - at(1 + deviation)).toBeCloseTo(0.5, 5);
  });

  it('counts the newest 25 in full and older ones ever less', () => {
    expect(recencyWeights(3)).toEqual([1, 1, 1]);
    expect(recencyWeights(26)).toEqual([1 / 26, ...Array.from({ length: 25 }, () => 1)]);
    const weights = recencyWeights(28);
    expect(weights[0]).toBeCloseTo(1 / 28);
    expect(weights[1]).toBeCloseTo((1 + 1 / 28) / 2);
    expect(weights.slice(2)).toEqual(Array.from({ length: 26 }, () => 1));
  });

  it('has one value where a range has one', () => {
    const estimator = estimate({ kind: 'range', low: 2, high: 2 }, observations([2]));
    expect(estimator.draw(createRandom(1))).toBe(2);
    expect(density(estimator, 2)).toBe(1);
  });
});
