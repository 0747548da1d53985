import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../random.ts';
import { adjacentMix, type BatchMix, hullMix, mixPeriod } from './batch-mix.ts';
import { flowShopMakespan, johnsonOrder, type TwoStepJob } from './flow-shop.ts';

/** First steps grow and second steps fall, as cuts of a chain whose tensors shrink. */
function falling(random: Random): TwoStepJob[] {
  const steps = (count: number): number[] => {
    let sum = 0;
    return Array.from({ length: count }, () => (sum += random.integer(8)));
  };
  const count = 2 + random.integer(5);
  const seconds = steps(count).reverse();
  return steps(count).map((first, index) => ({ first, second: seconds[index] ?? 0 }));
}

/** Every multiset of options for `jobs` jobs. */
function* multisets(options: number, jobs: number, from: number = 0): Generator<number[]> {
  if (jobs === 0) {
    yield [];
    return;
  }
  for (let option = from; option < options; option++)
    for (const rest of multisets(options, jobs - 1, option)) yield [option, ...rest];
}

/** By trying every multiset, each in Johnson's order. */
function best(options: readonly TwoStepJob[], jobs: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (const taken of multisets(options.length, jobs)) {
    const drawn = taken.map((index) => options[index] ?? { first: 0, second: 0 });
    const order = johnsonOrder(drawn).map((job) => drawn[job] ?? { first: 0, second: 0 });
    least = Math.min(least, flowShopMakespan(order));
  }
  return least;
}

const cases = Array.from({ length: 300 }, (_, seed) => {
  const random = createRandom(seed);
  return { options: falling(random), jobs: 1 + random.integer(6) };
});

const longest = (options: readonly TwoStepJob[], step: 'first' | 'second'): number =>
  Math.max(...options.map((option) => option[step]));

describe.each([
  { name: 'adjacentMix', mix: adjacentMix },
  { name: 'hullMix', mix: hullMix },
])('$name', ({ mix }) => {
  it('is a mix of at most two options, with the makespan that it says, and none ends sooner than the best', () => {
    for (const { options, jobs } of cases) {
      const { order, makespan }: BatchMix = mix(options, jobs);
      expect(order).toHaveLength(jobs);
      expect(new Set(order).size).toBeLessThanOrEqual(2);
      expect(flowShopMakespan(order.map((index) => options[index] ?? { first: 0, second: 0 }))).toBe(
        makespan,
      );
      expect(makespan).toBeGreaterThanOrEqual(best(options, jobs));
    }
  });

  it('takes the least sum for one job', () => {
    for (const { options } of cases) {
      const least = Math.min(...options.map(({ first, second }) => first + second));
      expect(mix(options, 1).makespan).toBe(least);
    }
  });

  it('of no options or for no jobs is empty', () => {
    expect(mix([], 3)).toEqual({ order: [], makespan: 0 });
    expect(mix([{ first: 1, second: 1 }], 0)).toEqual({ order: [], makespan: 0 });
  });
});

describe('hullMix', () => {
  it('ends between n P and n P + the longest steps, as the best does after n P', () => {
    for (const { options, jobs } of cases) {
      const period = mixPeriod(options);
      expect(best(options, jobs)).toBeGreaterThanOrEqual(jobs * period - 1e-9);
      const most = jobs * period + longest(options, 'first') + longest(options, 'second');
      expect(hullMix(options, jobs).makespan).toBeLessThanOrEqual(most + 1e-9);
    }
  });

  it('is nearly always near the best', () => {
    const ratios = cases.map(
      ({ options, jobs }) => hullMix(options, jobs).makespan / Math.max(1, best(options, jobs)),
    );
    expect(ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length).toBeLessThan(1.03);
    expect(Math.max(...ratios)).toBeLessThan(1.5);
  });

  it('balances what neighbours in order cannot', () => {
    const options = [
      { first: 0, second: 10 },
      { first: 4.9, second: 9.9 },
      { first: 9.9, second: 4.9 },
      { first: 10, second: 0 },
    ];
    expect(mixPeriod(options)).toBeCloseTo(5, 12);
    expect(hullMix(options, 20).makespan).toBeCloseTo(100, 9);
    expect(adjacentMix(options, 20).makespan).toBeGreaterThan(140);
  });
});
