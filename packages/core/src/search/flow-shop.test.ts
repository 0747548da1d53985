import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flowShopMakespan, johnsonOrder, type TwoStepJob } from './flow-shop.ts';

function* permutations<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  if (items.length === 0) yield [];
  for (const [index, item] of items.entries())
    for (const rest of permutations(items.toSpliced(index, 1))) yield [item, ...rest];
}

const jobs = (maxLength: number): fc.Arbitrary<TwoStepJob[]> =>
  fc.array(fc.record({ first: fc.nat({ max: 9 }), second: fc.nat({ max: 9 }) }), { maxLength });

const inOrder = (all: readonly TwoStepJob[]): readonly TwoStepJob[] =>
  johnsonOrder(all).map((index) => all[index]!);

describe('johnsonOrder', () => {
  it.each([
    { most: 6, numRuns: 150 },
    { most: 8, numRuns: 4 },
  ])('ends as early as the best of all orders of up to $most jobs', ({ most, numRuns }) => {
    fc.assert(
      fc.property(jobs(most), (drawn) => {
        const best = Math.min(...[...permutations(drawn)].map(flowShopMakespan));
        expect(flowShopMakespan(inOrder(drawn))).toBe(best);
      }),
      { seed: 31, numRuns },
    );
  });

  it('has every job once, and no order of many ends before the busier machine could', () => {
    fc.assert(
      fc.property(jobs(40), (drawn) => {
        expect([...johnsonOrder(drawn)].sort((left, right) => left - right)).toEqual(drawn.map((_, i) => i));
        const sum = (key: 'first' | 'second'): number => drawn.reduce((total, job) => total + job[key], 0);
        const makespan = flowShopMakespan(inOrder(drawn));
        expect(makespan).toBeGreaterThanOrEqual(Math.max(sum('first'), sum('second')));
        expect(makespan).toBeLessThanOrEqual(flowShopMakespan(drawn));
      }),
      { seed: 32 },
    );
  });

  it('orders an example', () => {
    const example = [
      { first: 5, second: 2 },
      { first: 1, second: 6 },
      { first: 9, second: 7 },
      { first: 3, second: 8 },
      { first: 10, second: 4 },
    ];
    expect(johnsonOrder(example)).toEqual([1, 3, 2, 4, 0]);
    expect(flowShopMakespan(inOrder(example))).toBe(30);
  });
});
