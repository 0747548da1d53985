import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../random.ts';
import { adjacentMix, hullMix } from './batch-mix.ts';
import { bestSequence, type Sequence } from './best-sequence.ts';
import type { TwoStepJob } from './flow-shop.ts';
import { runSearch } from './paced-search.ts';

type Times = readonly number[];

/** Machines one after the other: each starts a job when it is free and the one before has done its part. */
function afterJob(state: Times, times: Times): number[] {
  let ready = 0;
  return state.map((free, machine) => {
    ready = Math.max(ready, free) + (times[machine] ?? 0);
    return ready;
  });
}

function best(
  options: readonly Times[],
  jobs: number,
  before: number = Number.POSITIVE_INFINITY,
): Sequence | null {
  return runSearch(
    bestSequence({
      jobs,
      options: options.length,
      start: options[0]?.map(() => 0) ?? [0],
      after: (state, option) => afterJob(state, options[option] ?? []),
      atLeast: (state) => Math.max(...state),
      before,
    }),
  );
}

/** Every order of every multiset. */
function* sequences(options: number, jobs: number): Generator<number[]> {
  for (let code = 0; code < options ** jobs; code++)
    yield Array.from({ length: jobs }, (_, job) => Math.floor(code / options ** job) % options);
}

function endOf(options: readonly Times[], order: readonly number[]): number {
  const start = options[0]?.map(() => 0) ?? [];
  return Math.max(...order.reduce((state, option) => afterJob(state, options[option] ?? []), start));
}

function drawn(random: Random, machines: number): { options: Times[]; jobs: number } {
  const times = (): number[] => Array.from({ length: machines }, () => random.integer(12));
  return { options: Array.from({ length: 1 + random.integer(5) }, times), jobs: 1 + random.integer(4) };
}

describe('bestSequence', () => {
  it.each([2, 3, 4])('ends as early as the best order of the best multiset, on %i machines', (machines) => {
    for (let seed = 0; seed < 500; seed++) {
      const { options, jobs } = drawn(createRandom(seed), machines);
      const found = best(options, jobs);
      expect(found?.order).toHaveLength(jobs);
      expect(endOf(options, found?.order ?? [])).toBe(found?.end);
      let least = Number.POSITIVE_INFINITY;
      for (const order of sequences(options.length, jobs)) least = Math.min(least, endOf(options, order));
      expect(found?.end).toBe(least);
    }
  });

  it('finds what ends before a given time, and nothing where nothing does', () => {
    for (let seed = 0; seed < 100; seed++) {
      const { options, jobs } = drawn(createRandom(seed), 3);
      const { end = 0 } = best(options, jobs) ?? {};
      expect(best(options, jobs, end)).toBeNull();
      expect(best(options, jobs, end + 1)?.end).toBe(end);
    }
  });

  it('of no options is nothing', () => {
    expect(best([], 2)).toBeNull();
  });
});

/** Layers of equal time whose tensors shrink by the same factor. */
function geometric(random: Random): TwoStepJob[] {
  const [input, factor] = [20 + 30 * random.next(), 0.3 + 0.5 * random.next()];
  return Array.from({ length: 4 + random.integer(6) }, (_, at) => ({
    first: at,
    second: input * factor ** at,
  }));
}

/** First steps grow and second steps fall, each as it likes. */
function monotone(random: Random): TwoStepJob[] {
  const count = 4 + random.integer(6);
  const rising = (): number[] => {
    let sum = 0;
    return Array.from({ length: count }, () => (sum += random.next() * 10));
  };
  const falling = rising().reverse();
  return rising().map((first, at) => ({ first, second: falling[at] ?? 0 }));
}

/** Nothing to do with each other. */
function unordered(random: Random): TwoStepJob[] {
  return Array.from({ length: 4 + random.integer(6) }, () => ({
    first: 10 * random.next(),
    second: 10 * random.next(),
  }));
}

// What was seen of these seeds, rounded up. In general a hull's mix may end the longest first and second step after the best one does.
describe.each([
  { name: 'adjacentMix', mix: adjacentMix, shape: 'geometric', options: geometric, worst: 1.16, mean: 1.03 },
  { name: 'adjacentMix', mix: adjacentMix, shape: 'monotone', options: monotone, worst: 1.87, mean: 1.2 },
  { name: 'hullMix', mix: hullMix, shape: 'geometric', options: geometric, worst: 1.16, mean: 1.03 },
  { name: 'hullMix', mix: hullMix, shape: 'monotone', options: monotone, worst: 1.45, mean: 1.06 },
  { name: 'hullMix', mix: hullMix, shape: 'unordered', options: unordered, worst: 1.3, mean: 1.012 },
])('$name of $shape options', ({ mix, options: draw, worst, mean }) => {
  it(`ends within ${worst} times the best sequence of 2 to 6 jobs, and ${mean} times on average`, () => {
    const ratios = Array.from({ length: 300 }, (_, seed) => {
      const random = createRandom(seed);
      const options = draw(random);
      const jobs = 2 + random.integer(5);
      const times = options.map(({ first, second }) => [first, second]);
      return mix(options, jobs).makespan / (best(times, jobs)?.end ?? Number.NaN);
    });
    expect(Math.min(...ratios)).toBeGreaterThanOrEqual(1 - 1e-12);
    expect(Math.max(...ratios)).toBeLessThanOrEqual(worst);
    expect(ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length).toBeLessThanOrEqual(mean);
  });
});
