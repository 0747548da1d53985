import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../random.ts';
import { minimise, type Optimum } from './optimiser.ts';
import { type QuantumOptions, quantumSearch } from './quantum-search.ts';
import type { Point, Space } from './space.ts';

const cube = (dimensions: number, low: number, high: number): Space =>
  Array.from({ length: dimensions }, () => ({ kind: 'range', low, high }) as const);
const sphere = (point: Point): number => point.reduce((sum, x) => sum + (x - 0.3) ** 2, 0);
const rastrigin = (point: Point): number =>
  point.reduce((sum, x) => sum + x * x - 10 * Math.cos(2 * Math.PI * x) + 10, 0);

const search = (
  space: Space,
  objective: (point: Point) => number,
  options: Partial<QuantumOptions> = {},
  seed = 1,
): Optimum =>
  minimise(quantumSearch(space, { maximumEvaluations: 20_000, ...options }, createRandom(seed)), objective);

const median = (values: readonly number[]): number =>
  [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;

describe('quantumSearch', () => {
  it.each([
    { what: 'sphere', objective: sphere, low: 0, high: 1, particle: 0.001, global: 0.02 },
    { what: 'Rastrigin', objective: rastrigin, low: -5.12, high: 5.12, particle: 35, global: 55 },
  ])('finds better with accept: particle than global on the $what of 16 dimensions', (row) => {
    const medianOf = (accept: 'particle' | 'global'): number =>
      median(
        Array.from(
          { length: 20 },
          (_, seed) => search(cube(16, row.low, row.high), row.objective, { accept }, seed).value,
        ),
      );
    const [particle, global] = [medianOf('particle'), medianOf('global')];
    expect(particle).toBeLessThan(row.particle);
    expect(global).toBeLessThan(row.global);
    expect(particle).toBeLessThan(global);
  });

  it('ends within its caps where the printed loops need not', () => {
    const caps = { scales: 7, maximumRounds: 11, maximumTransitions: 3, particles: 4 };
    const { evaluations } = search(cube(8, -5.12, 5.12), rastrigin, caps);
    expect(evaluations).toBeLessThanOrEqual(4 + 7 * (11 * 4 + 3));
  });

  const spaces = fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('range' as const),
        low: fc.constantFrom(-2, 0, 0.5),
        high: fc.constantFrom(1, 3),
      }),
      fc.constant({ kind: 'range', low: 0.1, high: 0.75, step: 0.1 } as const),
      fc.record({ kind: fc.constant('choice' as const), count: fc.integer({ min: 1, max: 4 }) }),
    ),
    { minLength: 1, maxLength: 5 },
  );

  it('evaluates feasible points only, never more than its budget, and keeps the best of them', () => {
    fc.assert(
      fc.property(spaces, fc.integer({ min: 1, max: 60 }), fc.nat(), (space, maximumEvaluations, seed) => {
        const violation = (point: Point): number => Math.max(0, (point[0] ?? 0) - 1);
        const seen: { point: Point; value: number }[] = [];
        const objective = (point: Point): number => {
          const value = point.reduce((sum, x, axis) => sum + Math.abs(x - axis / 3), 0);
          seen.push({ point, value });
          return value;
        };
        const found = search(space, objective, { maximumEvaluations, violation, maximumTries: 5 }, seed);
        expect(seen.every(({ point }) => violation(point) === 0)).toBe(true);
        expect(seen.length).toBeLessThanOrEqual(maximumEvaluations);
        expect(found.value).toBe(Math.min(...seen.map(({ value }) => value)));
      }),
      { seed: 5, numRuns: 100 },
    );
  });

  it('is never worse than a warm point, and asks for the same points with the same seed', () => {
    const asked = (): readonly Point[] => {
      const points: Point[] = [];
      const warm = [[0.3, 0.31, 0.3]];
      const found = search(
        cube(3, 0, 1),
        (point) => {
          points.push(point);
          return sphere(point);
        },
        { warm, maximumEvaluations: 200 },
      );
      expect(found.value).toBeLessThanOrEqual(sphere(warm[0] ?? []));
      expect(points[0]).toEqual(warm[0]);
      return points;
    };
    expect(asked()).toEqual(asked());
  });

  it('walks towards the feasible part when it starts outside', () => {
    const violation = (point: Point): number => Math.max(0, ...point.map((x) => x - 0.05));
    const found = search(cube(6, 0, 1), sphere, { violation, maximumTries: 3 });
    expect(violation(found.point)).toBe(0);
    expect(found.value).toBeLessThan(6 * 0.3 ** 2);
  });

  it('says +∞ and names the least violating point when nothing is feasible', () => {
    const found = search(cube(2, 0, 1), sphere, { violation: ([x = 0]) => 1 + x });
    expect(found).toMatchObject({ value: Number.POSITIVE_INFINITY, evaluations: 0 });
    expect(found.point[0]).toBeLessThan(0.1);
  });

  it.each([
    { what: 'no dimensions', space: [], options: {}, message: 'no dimensions' },
    { what: 'an upside-down range', space: cube(1, 2, 1), options: {}, message: 'from 2 to 1' },
    { what: 'no budget', space: cube(1, 0, 1), options: { maximumEvaluations: 0 }, message: '0 evaluations' },
    {
      what: 'half a choice',
      space: [{ kind: 'choice', count: 0.5 }] as const,
      options: {},
      message: '0.5 choices',
    },
  ])('refuses $what', ({ space, options, message }) => {
    expect(() => search(space, sphere, options)).toThrow(message);
  });
});
