import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../random.ts';
import { annealingSearch } from './annealing-search.ts';
import { geneticSearch } from './genetic-search.ts';
import { localSearch } from './local-search.ts';
import { minimise, type Optimiser } from './optimiser.ts';
import { type ParzenOptions, parzenSearch } from './parzen/parzen-search.ts';
import { quantumSearch } from './quantum-search.ts';
import { randomSearch } from './random-search.ts';
import { type Dimension, type Point, type Space, snap } from './space.ts';

type Search = (space: Space, options: ParzenOptions, random: Random) => Optimiser;

const searches: readonly { name: string; search: Search }[] = [
  { name: 'randomSearch', search: randomSearch },
  { name: 'localSearch', search: localSearch },
  { name: 'annealingSearch', search: annealingSearch },
  { name: 'geneticSearch', search: geneticSearch },
  { name: 'parzenSearch', search: parzenSearch },
  { name: 'quantumSearch', search: quantumSearch },
];

const dimensions: fc.Arbitrary<Dimension> = fc.oneof(
  fc.constantFrom<Dimension>(
    { kind: 'range', low: 0.5, high: 1 },
    { kind: 'range', low: 0.5, high: 1, step: 0.1 },
    { kind: 'range', low: -2, high: 2.5, step: 1 },
    { kind: 'range', low: 3, high: 3 },
    { kind: 'choice', count: 1 },
    { kind: 'choice', count: 4 },
  ),
);

describe.each(searches)('$name', ({ search }) => {
  const run = (space: Space, seed: number, options: Partial<ParzenOptions> = {}): readonly Point[] => {
    const asked: Point[] = [];
    minimise(search(space, { maximumEvaluations: 30, ...options }, createRandom(seed)), (point) => {
      asked.push(point);
      return point[0] === 0.7 ? Number.POSITIVE_INFINITY : point.reduce((sum, x) => sum + x * x, 0);
    });
    return asked;
  };

  it('asks for permitted points only, within its budget, and for the same with the same seed', () => {
    fc.assert(
      fc.property(fc.array(dimensions, { minLength: 1, maxLength: 4 }), fc.nat(), (space, seed) => {
        const asked = run(space, seed);
        expect(asked.length).toBeLessThanOrEqual(30);
        for (const point of asked)
          expect(point).toEqual(space.map((dimension, axis) => snap(dimension, point[axis] ?? 0)));
        expect(run(space, seed)).toEqual(asked);
      }),
      { seed: 6, numRuns: 60 },
    );
  });

  it('asks for the warm points first', () => {
    const space: Space = [{ kind: 'range', low: 0, high: 1, step: 0.25 }];
    expect(run(space, 1, { warm: [[0.8], [0.3]], maximumEvaluations: 2 })).toEqual([[0.75], [0.25]]);
  });
});

/** Shares of a time that falls with x and of an effort that rises with its square: separable and convex, its optimum in closed form. */
function convexCase(count: number): { space: Space; optimum: number; value: (point: Point) => number } {
  const random = createRandom(9);
  const shares = (whole: number): number[] => {
    const drawn = Array.from({ length: count }, () => 0.2 + random.next());
    const total = drawn.reduce((sum, share) => sum + share, 0);
    return drawn.map((share) => (whole * share) / total);
  };
  const [time, effort] = [shares(0.6), shares(0.5)];
  const value = (point: Point): number =>
    point.reduce((sum, x, axis) => sum + (time[axis] ?? 0) / x + (effort[axis] ?? 0) * x * x, 0);
  const best = time.map((share, axis) =>
    Math.max(0.5, Math.min(1, (share / (2 * (effort[axis] ?? 1))) ** (1 / 3))),
  );
  const space = best.map(() => ({ kind: 'range', low: 0.5, high: 1 }) as const);
  return { space, optimum: value(best), value };
}

/** The median over 11 seeds of what is left to the optimum. */
function medianGap(search: Search, count: number, maximumEvaluations: number): number {
  const { space, optimum, value } = convexCase(count);
  const options = { maximumEvaluations, patience: Number.POSITIVE_INFINITY, flatness: 0 };
  const gaps = Array.from(
    { length: 11 },
    (_, seed) => minimise(search(space, options, createRandom(seed)), value).value - optimum,
  );
  return gaps.sort((left, right) => left - right)[5] ?? Number.NaN;
}

describe('on a convex function', () => {
  it.each([
    { count: 5, most: 0.2 },
    { count: 20, most: 0.65 },
  ])('parzenSearch leaves at most $most of what random draws leave with $count dimensions', (row) => {
    const gap = medianGap(parzenSearch, row.count, 100);
    expect(gap).toBeGreaterThanOrEqual(0);
    expect(gap).toBeLessThan(row.most * medianGap(randomSearch, row.count, 100));
  });

  it('parzenSearch comes nearer with its few candidates than with 24', () => {
    const many: Search = (space, options, random) =>
      parzenSearch(space, { ...options, candidates: 24 }, random);
    expect(medianGap(parzenSearch, 20, 100)).toBeLessThan(medianGap(many, 20, 100));
  });

  it('localSearch comes nearer than parzenSearch with the same budget', () => {
    expect(medianGap(localSearch, 10, 60)).toBeLessThan(medianGap(parzenSearch, 10, 60));
  });

  it('parzenSearch comes within 3 % with 5 dimensions and 300 trials', () => {
    const { space, optimum, value } = convexCase(5);
    const options = { maximumEvaluations: 300, patience: 300, flatness: 0 };
    expect(minimise(parzenSearch(space, options, createRandom(1)), value).value).toBeLessThan(1.03 * optimum);
  });
});

describe.each([
  { name: 'annealingSearch', search: annealingSearch },
  { name: 'geneticSearch', search: geneticSearch },
])('$name', ({ search }) => {
  it('leaves less than half of what random draws leave with 20 dimensions', () => {
    const gap = medianGap((space, options, random) => search(space, options, random), 20, 2000);
    expect(gap).toBeGreaterThanOrEqual(0);
    expect(gap).toBeLessThan(0.5 * medianGap(randomSearch, 20, 2000));
  });
});

describe('parzenSearch', () => {
  it('ends by itself when nothing becomes better', () => {
    const { space } = convexCase(2);
    let count = 0;
    const rising = (): number => count++;
    const options = { maximumEvaluations: 500 };
    expect(minimise(parzenSearch(space, options, createRandom(1)), rising).evaluations).toBe(51);
    expect(minimise(parzenSearch(space, options, createRandom(1)), () => 1).evaluations).toBe(30);
  });

  it('avoids what is infeasible', () => {
    const space: Space = [{ kind: 'choice', count: 8 }];
    const asked: number[] = [];
    minimise(parzenSearch(space, { maximumEvaluations: 60, flatness: 0 }, createRandom(1)), ([x = 0]) => {
      asked.push(x);
      return x === 3 ? 1 : Number.POSITIVE_INFINITY;
    });
    const late = asked.slice(30);
    expect(late.filter((x) => x === 3).length).toBeGreaterThan(late.length / 3);
  });
});
