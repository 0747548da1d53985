import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paretoFront } from './pareto-front.ts';

const rows = (costs: number): fc.Arbitrary<number[][]> =>
  fc.array(fc.array(fc.nat({ max: 5 }), { minLength: costs, maxLength: costs }), { maxLength: 30 });

describe('paretoFront', () => {
  it.each([1, 2, 3, 4])('keeps the first of what nothing dominates, with %i costs', (costs) => {
    fc.assert(
      fc.property(rows(costs), (drawn) => {
        const front = paretoFront(drawn);
        const beats = (left: number[], right: number[]): boolean =>
          left.every((cost, index) => cost <= (right[index] ?? 0)) && left.join() !== right.join();
        const expected = drawn.flatMap((row, index) => {
          const isFirst = drawn.findIndex((other) => other.join() === row.join()) === index;
          return isFirst && !drawn.some((other) => beats(other, row)) ? [index] : [];
        });
        expect([...front].sort((left, right) => left - right)).toEqual(expected);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('is sorted by the first cost', () => {
    expect(
      paretoFront([
        [3, 1],
        [1, 3],
        [2, 2],
        [2, 3],
      ]),
    ).toEqual([1, 2, 0]);
  });
});
