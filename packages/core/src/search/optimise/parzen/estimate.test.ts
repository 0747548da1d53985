import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../random.ts';
import { type Dimension, snap, valueAt } from '../space.ts';
import { estimate } from './estimate.ts';
import { type Observations, recencyWeights } from './observations.ts';

const observationsIn = (dimension: Dimension): fc.Arbitrary<Observations> =>
  fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 60 }).map((shares) => ({
    values: shares.map((share) => valueAt(dimension, share)),
    weights: recencyWeights(shares.length),
  }));

const density = (dimension: Dimension, observations: Observations, value: number): number =>
  Math.exp(estimate(dimension, observations).logDensity(value));

const sum = (values: readonly number[]): number => values.reduce((left, right) => left + right, 0);

describe('estimate', () => {
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
      fc.property(observationsIn(dimension), (observations) => {
        expect(sum(values.map((value) => density(dimension, observations, value)))).toBeCloseTo(1, 5);
      }),
      { seed: 2, numRuns: 50 },
    );
  });

  it('is a density over a range', () => {
    const dimension = { kind: 'range', low: 2, high: 6 } as const;
    const cells = 500;
    fc.assert(
      fc.property(observationsIn(dimension), (observations) => {
        const values = Array.from({ length: cells }, (_, cell) => 2 + (4 * (cell + 0.5)) / cells);
        const mass = sum(values.map((value) => (density(dimension, observations, value) * 4) / cells));
        expect(mass).toBeCloseTo(1, 3);
      }),
      { seed: 3, numRuns: 20 },
    );
  });

  it.each([...grids, { kind: 'range', low: 2, high: 6 } as const])(
    'draws permitted values of $kind $step',
    (dimension) => {
      fc.assert(
        fc.property(observationsIn(dimension), fc.nat(), (observations, seed) => {
          const value = estimate(dimension, observations).draw(createRandom(seed));
          expect(snap(dimension, value)).toBe(value);
        }),
        { seed: 4, numRuns: 60 },
      );
    },
  );

  it('draws as often as it says', () => {
    const dimension = { kind: 'range', low: 0, high: 3, step: 1 } as const;
    const observations = { values: [0, 0, 1], weights: [1, 1, 1] };
    const estimator = estimate(dimension, observations);
    const random = createRandom(8);
    const draws = Array.from({ length: 8000 }, () => estimator.draw(random));
    for (const value of [0, 1, 2, 3]) {
      const share = draws.filter((drawn) => drawn === value).length / draws.length;
      expect(Math.abs(share - Math.exp(estimator.logDensity(value)))).toBeLessThan(0.02);
    }
  });

  it.each([
    // One observation at 1 of [0, 4]: its neighbour, the prior, lies 1 away, and the width / 3 is 4/3.
    { observed: [1], deviation: 4 / 3 },
    // Seven components more: the width / 10 and the gaps to both neighbours, of which the larger counts.
    { observed: [1, 1.1, 1.7, 0, 0.5, 3, 4, 3.5], deviation: 0.5 },
  ])('is as wide around $observed as the larger gap, but not too narrow', ({ observed, deviation }) => {
    const dimension = { kind: 'range', low: 0, high: 4 } as const;
    const weights = observed.map((_, index) => (index === 0 ? 1e9 : 0));
    const at = (value: number): number =>
      estimate(dimension, { values: observed, weights }).logDensity(value);
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
    const estimator = estimate({ kind: 'range', low: 2, high: 2 }, { values: [2], weights: [1] });
    expect(estimator.draw(createRandom(1))).toBe(2);
    expect(estimator.logDensity(2)).toBe(0);
  });
});
