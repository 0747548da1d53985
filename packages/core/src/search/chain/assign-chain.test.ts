import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../random.ts';
import { runPacedSearch, runSearch } from '../paced-search.ts';
import { assignChain } from './assign-chain.ts';
import { type ChainProblem, type ChainRun, longestTime } from './chain-problem.ts';

interface Size {
  readonly units: number;
  readonly counts: readonly number[];
  /** Whole numbers tie often; zero and missing links occur. */
  readonly whole: boolean;
}

function randomChain({ units, counts, whole }: Size, random: Random): ChainProblem {
  const draw = (most: number): number => (whole ? random.integer(most) : random.next() * most);
  const speeds = counts.map(() => 1 + random.integer(4));
  const weights = Array.from({ length: units }, () => draw(7));
  const sizes = Array.from({ length: units }, () => random.integer(4));
  const boundaries = Array.from({ length: units }, () => draw(6));
  const rooms = counts.map(() => 1 + random.integer(3 * units));
  const links = counts.map(() =>
    counts.map(() => (random.next() < 0.15 ? Number.POSITIVE_INFINITY : 1 + random.integer(3))),
  );
  const ends = counts.map(() => (random.next() < 0.1 ? Number.POSITIVE_INFINITY : draw(5)));
  const prefix = (values: readonly number[]): Float64Array => {
    const sums = new Float64Array(values.length + 1);
    for (const [index, value] of values.entries()) sums[index + 1] = sums[index]! + value;
    return sums;
  };
  const [work, load] = [prefix(weights), prefix(sizes)];
  return {
    units,
    counts,
    work: (kind, first, end) => (work[end]! - work[first]!) / speeds[kind]!,
    fits: (kind, first, end) => load[end]! - load[first]! <= rooms[kind]!,
    handover: (position, from, to) => (boundaries[position]! + 1) * links[from]![to]!,
    entering: (kind) => ends[kind]!,
    leaving: (kind) => ends[(kind + 1) % ends.length]!,
  };
}

/** The least longest time of all sequences of runs on all sequences of machines. */
function bruteForce(problem: ChainProblem): number {
  const { units, counts } = problem;
  let best = Number.POSITIVE_INFINITY;
  const extend = (runs: readonly ChainRun[], free: readonly number[], first: number): void => {
    if (first === units) best = Math.min(best, longestTime(problem, runs));
    for (const [kind, left] of free.entries()) {
      if (left === 0) continue;
      for (let end = first + 1; end <= units; end++)
        if (problem.fits(kind, first, end))
          extend([...runs, { kind, first, end }], free.with(kind, left - 1), end);
    }
  };
  extend([], counts, 0);
  return best;
}

function expectValid(problem: ChainProblem, runs: readonly ChainRun[]): void {
  expect(runs[0]?.first).toBe(0);
  expect(runs.at(-1)?.end).toBe(problem.units);
  for (const [index, { kind, first, end }] of runs.entries()) {
    expect(end).toBeGreaterThan(first);
    expect(runs[index + 1]?.first ?? end).toBe(end);
    expect(problem.fits(kind, first, end)).toBe(true);
  }
  for (const [kind, count] of problem.counts.entries())
    expect(runs.filter((run) => run.kind === kind).length).toBeLessThanOrEqual(count);
}

describe('assignChain', () => {
  it.each([
    { whole: true, draws: 900 },
    { whole: false, draws: 600 },
  ])('is exactly the best of all assignments (whole numbers: $whole)', ({ whole, draws }) => {
    const random = createRandom(51);
    const machines = [[1], [3], [1, 1], [2, 1], [1, 1, 1], [0, 2, 1], [1, 2, 1], [1, 1, 1, 1]];
    let impossible = 0;
    for (let draw = 0; draw < draws; draw++) {
      const counts = machines[random.integer(machines.length)]!;
      const problem = randomChain({ units: 1 + random.integer(5), counts, whole }, random);
      const optimum = bruteForce(problem);
      const found = runSearch(assignChain(problem));
      if (optimum === Number.POSITIVE_INFINITY) {
        impossible += 1;
        expect(found).toBeNull();
        continue;
      }
      expect(found?.value).toBe(optimum);
      expect(longestTime(problem, found?.runs ?? [])).toBe(optimum);
      expectValid(problem, found?.runs ?? []);
    }
    expect(impossible).toBeGreaterThan(draws / 50);
    expect(impossible).toBeLessThan(draws / 2);
  });

  it('expects nothing of longer runs: they may take less and fit where shorter ones do not', () => {
    const random = createRandom(53);
    for (let draw = 0; draw < 300; draw++) {
      const units = 1 + random.integer(5);
      const chain = randomChain({ units, counts: [1, 2, 1], whole: true }, random);
      const table = Array.from({ length: 3 * 36 }, () => random.integer(9));
      const at = (kind: number, first: number, end: number): number => table[(kind * 6 + first) * 6 + end]!;
      const problem: ChainProblem = { ...chain, work: at, fits: (...run) => at(...run) % 4 !== 0 };
      const found = runSearch(assignChain(problem))?.value ?? Number.POSITIVE_INFINITY;
      expect(found).toBe(bruteForce(problem));
    }
  });

  it('gives kinds of many machines what the same machines apart would get', () => {
    const random = createRandom(52);
    for (let draw = 0; draw < 20; draw++) {
      const together = randomChain({ units: 20, counts: [3, 2], whole: false }, random);
      const kind = (machine: number): number => (machine < 3 ? 0 : 1);
      const apart: ChainProblem = {
        units: 20,
        counts: [1, 1, 1, 1, 1],
        work: (machine, first, end) => together.work(kind(machine), first, end),
        fits: (machine, first, end) => together.fits(kind(machine), first, end),
        handover: (position, from, to) => together.handover(position, kind(from), kind(to)),
        entering: (machine) => together.entering(kind(machine)),
        leaving: (machine) => together.leaving(kind(machine)),
      };
      expect(runSearch(assignChain(together))?.value).toBe(runSearch(assignChain(apart))?.value);
    }
  });

  it('is the same with pauses, which come often', async () => {
    const problem = randomChain({ units: 30, counts: [1, 1, 1], whole: false }, createRandom(7));
    let pauses = 0;
    const paced = await runPacedSearch(assignChain(problem), async () => {
      pauses += 1;
    });
    expect(paced).not.toBeNull();
    expect(paced).toEqual(runSearch(assignChain(problem)));
    expect(pauses).toBeGreaterThan(20);
  });

  it('leaves machines out that a slow link would not pay for', () => {
    const problem: ChainProblem = {
      units: 4,
      counts: [1, 1],
      work: (kind, first, end) => (end - first) * (kind + 1),
      fits: () => true,
      handover: () => 10,
      entering: () => 0,
      leaving: () => 0,
    };
    expect(runSearch(assignChain(problem))).toEqual({ runs: [{ kind: 0, first: 0, end: 4 }], value: 4 });
    const linked = { ...problem, handover: () => 0.5 };
    expect(runSearch(assignChain(linked))?.value).toBe(3);
  });

  it('is 0 where nothing takes time', () => {
    const problem = randomChain({ units: 3, counts: [1], whole: true }, createRandom(1));
    const free = { ...problem, work: () => 0, fits: () => true, entering: () => 0, leaving: () => 0 };
    expect(runSearch(assignChain(free))?.value).toBe(0);
  });

  it.each([
    { what: 'no units', change: { units: 0 }, message: 'chain of 0 units' },
    { what: 'no kinds', change: { counts: [] }, message: '[] machines' },
    { what: 'half a machine', change: { counts: [0.5] }, message: '[0.5] machines' },
    { what: 'too many states', change: { counts: Array.from({ length: 20 }, () => 1) }, message: 'states' },
  ])('refuses $what', ({ change, message }) => {
    const problem = randomChain({ units: 3, counts: [1], whole: true }, createRandom(1));
    expect(() => runSearch(assignChain({ ...problem, ...change }))).toThrow(message);
  });
});
