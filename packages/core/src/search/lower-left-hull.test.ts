import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CostPair, lowerLeftHull } from './lower-left-hull.ts';

const points: fc.Arbitrary<CostPair[]> = fc.array(fc.tuple(fc.nat({ max: 12 }), fc.nat({ max: 12 })), {
  maxLength: 25,
});

const cornersOf = (drawn: readonly CostPair[]): CostPair[] =>
  lowerLeftHull(drawn).map((index) => drawn[index]!);

describe('lowerLeftHull', () => {
  it('has a best point for all weights, and each of its corners is the only best for some', () => {
    fc.assert(
      fc.property(points, (drawn) => {
        const distinct = [...new Map(drawn.map((point) => [point.join(), point])).values()];
        const unique = new Set<string>();
        for (let a = 1; a < 150; a++) {
          for (const b of [1, 7, 25, 60, 149]) {
            const weighted = ([x, y]: CostPair): number => a * x + b * y;
            const least = Math.min(...drawn.map(weighted));
            const best = distinct.filter((point) => weighted(point) === least);
            if (best.length === 1) unique.add(best.join());
            expect(Math.min(...cornersOf(drawn).map(weighted))).toBe(least);
          }
        }
        expect(new Set(cornersOf(drawn).map((point) => point.join()))).toEqual(unique);
      }),
      { seed: 41, numRuns: 40 },
    );
  });

  it('falls ever more gently', () => {
    fc.assert(
      fc.property(points, (drawn) => {
        const corners = cornersOf(drawn);
        const slopes = corners.slice(1).map(([x, y], index) => {
          const [x0, y0] = corners[index]!;
          return (y - y0) / (x - x0);
        });
        for (const [index, slope] of slopes.entries()) {
          expect(slope).toBeLessThan(0);
          expect(slope).toBeGreaterThan(slopes[index - 1] ?? Number.NEGATIVE_INFINITY);
        }
      }),
      { seed: 42 },
    );
  });

  it.each<{ what: string; drawn: CostPair[]; hull: number[] }>([
    { what: 'no points', drawn: [], hull: [] },
    {
      what: 'the first of equal points',
      drawn: [
        [1, 1],
        [1, 1],
      ],
      hull: [0],
    },
    {
      what: 'no points between two corners',
      drawn: [
        [0, 4],
        [2, 2],
        [4, 0],
      ],
      hull: [0, 2],
    },
    {
      what: 'no point above the chain',
      drawn: [
        [4, 0],
        [0, 4],
        [1, 2],
        [3, 3],
        [2, 2],
      ],
      hull: [1, 2, 0],
    },
    {
      what: 'one point that beats all',
      drawn: [
        [3, 3],
        [1, 1],
        [1, 5],
        [5, 1],
      ],
      hull: [1],
    },
  ])('has $what', ({ drawn, hull }) => {
    expect(lowerLeftHull(drawn)).toEqual(hull);
  });
});
