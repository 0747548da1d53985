import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../random.ts';
import { runPacedSearch, runSearch } from '../paced-search.ts';
import { binClasses } from './bin-classes.ts';
import { cheapestPath } from './cheapest-path.ts';
import { depthFirstPath } from './depth-first-path.ts';
import { layeredFront } from './layered-front.ts';
import type { LayeredPath, LayeredProblem } from './layered-problem.ts';

interface Size {
  readonly layers: number;
  readonly bins: number;
  readonly criteria: number;
  /** Different kinds of bins; bins of a kind are identical. */
  readonly kinds: number;
  /** Times the average need of a bin. */
  readonly room: number;
}

/** Whole numbers, so that sums are exact; a few moves are impossible; to stay costs nothing. */
function randomLayered({ layers, bins, criteria, kinds, room }: Size, random: Random): LayeredProblem {
  const kind = (bin: number): number => bin % kinds;
  const table = (rows: number, width: number, most: number): number[][] =>
    Array.from({ length: rows }, () => Array.from({ length: width }, () => random.integer(most)));
  const [work, sums, peaks] = [table(layers * kinds, criteria, 9), table(layers, 1, 6), table(layers, 1, 6)];
  const moves = table((layers - 1) * kinds * kinds, criteria, 5).map((row) =>
    random.next() < 0.1 ? row.map(() => Number.POSITIVE_INFINITY) : row,
  );
  const [entering, leaving] = [table(kinds, criteria, 4), table(kinds, criteria, 4)];
  const capacities = table(kinds, 1, 5).map(([more = 0]) => Math.ceil((room * layers * 3) / bins) + more + 4);
  const grid = <Cell>(rows: number, cells: (row: number, bin: number) => readonly Cell[]): Cell[] =>
    Array.from({ length: rows * bins }, (_, index) => cells(Math.floor(index / bins), index % bins)).flat();
  return {
    layers,
    bins,
    criteria,
    work: Float64Array.from(grid(layers, (layer, bin) => work[layer * kinds + kind(bin)] ?? [])),
    moves: Float64Array.from(
      grid((layers - 1) * bins, (row, to) => {
        const [layer, from] = [Math.floor(row / bins), row % bins];
        const between = moves[(layer * kinds + kind(from)) * kinds + kind(to)] ?? [];
        return from === to ? between.map(() => 0) : between;
      }),
    ),
    entering: Float64Array.from(grid(1, (_, bin) => entering[kind(bin)] ?? [])),
    leaving: Float64Array.from(grid(1, (_, bin) => leaving[kind(bin)] ?? [])),
    sums: Float64Array.from(grid(layers, (layer) => sums[layer] ?? [])),
    peaks: Float64Array.from(grid(layers, (layer) => peaks[layer] ?? [])),
    capacities: Float64Array.from(grid(1, (_, bin) => [capacities[kind(bin)] ?? 0])),
  };
}

/** What goes beyond each bin's capacity. */
function fits(problem: LayeredProblem, bins: readonly number[]): boolean {
  return problem.capacities.every((capacity, bin) => {
    const own = bins.flatMap((chosen, layer) => (chosen === bin ? [layer * problem.bins + bin] : []));
    const sum = own.reduce((total, cell) => total + (problem.sums[cell] ?? 0), 0);
    return sum + Math.max(0, ...own.map((cell) => problem.peaks[cell] ?? 0)) <= capacity;
  });
}

function costsOf(problem: LayeredProblem, chosen: readonly number[]): number[] {
  const { bins, criteria, work, moves, entering, leaving } = problem;
  return Array.from({ length: criteria }, (_, k) => {
    let sum = entering[(chosen[0] ?? 0) * criteria + k] ?? 0;
    for (const [layer, bin] of chosen.entries()) {
      sum += work[(layer * bins + bin) * criteria + k] ?? 0;
      const to = chosen[layer + 1];
      sum +=
        to === undefined
          ? (leaving[bin * criteria + k] ?? 0)
          : (moves[((layer * bins + bin) * bins + to) * criteria + k] ?? 0);
    }
    return sum;
  });
}

/** The costs of every choice of bins that fits. */
function everyCost(problem: LayeredProblem): number[][] {
  const { layers, bins } = problem;
  return Array.from({ length: bins ** layers }, (_, code) =>
    Array.from({ length: layers }, (_, layer) => Math.floor(code / bins ** layer) % bins),
  )
    .filter((chosen) => fits(problem, chosen))
    .map((chosen) => costsOf(problem, chosen))
    .filter((costs) => !costs.includes(Number.POSITIVE_INFINITY));
}

function bruteFront(problem: LayeredProblem): string[] {
  const costs = everyCost(problem);
  const isBeaten = (row: number[]): boolean =>
    costs.some((other) => other.every((cost, k) => cost <= (row[k] ?? 0)) && other.join() !== row.join());
  return [...new Set(costs.filter((row) => !isBeaten(row)).map((row) => row.join()))].sort();
}

const sizes: fc.Arbitrary<{ problem: LayeredProblem }> = fc
  .record({
    layers: fc.integer({ min: 1, max: 6 }),
    bins: fc.integer({ min: 1, max: 4 }),
    criteria: fc.integer({ min: 1, max: 3 }),
    kinds: fc.integer({ min: 1, max: 4 }),
    room: fc.constantFrom(0.6, 1, 2),
    seed: fc.nat(),
  })
  .map((size) => ({
    problem: randomLayered({ ...size, kinds: Math.min(size.kinds, size.bins) }, createRandom(size.seed)),
  }));

const isValid = (problem: LayeredProblem, { bins, costs }: LayeredPath): boolean =>
  fits(problem, bins) && costsOf(problem, bins).join() === costs.join();

describe('layeredFront', () => {
  it('is the front of all choices of bins', () => {
    fc.assert(
      fc.property(sizes, ({ problem }) => {
        const { paths, exact } = runSearch(layeredFront(problem));
        expect(exact).toBe(true);
        expect(paths.every((path) => isValid(problem, path))).toBe(true);
        expect(paths.map(({ costs }) => costs.join()).sort()).toEqual(bruteFront(problem));
      }),
      { seed: 21, numRuns: 200 },
    );
  });

  it('finds paths that fit with any beam, and the best nearly always with a beam of 64', () => {
    const random = createRandom(4);
    let [feasible, best] = [0, 0];
    for (let draw = 0; draw < 120; draw++) {
      const problem = randomLayered({ layers: 6, bins: 4, criteria: 1, kinds: 4, room: 1 }, random);
      const optimum = Math.min(...everyCost(problem).map(([cost = 0]) => cost));
      for (const beam of [1, 4]) {
        const { paths } = runSearch(layeredFront(problem, { beam }));
        expect(paths.every((path) => isValid(problem, path))).toBe(true);
      }
      if (optimum === Number.POSITIVE_INFINITY) continue;
      feasible += 1;
      if (runSearch(layeredFront(problem, { beam: 64 })).paths[0]?.costs[0] === optimum) best += 1;
    }
    expect(feasible).toBeGreaterThan(60);
    expect(best).toBeGreaterThanOrEqual(feasible - 1);
  });

  it('says when the beam dropped something', () => {
    const problem = randomLayered({ layers: 6, bins: 4, criteria: 2, kinds: 4, room: 2 }, createRandom(3));
    expect(runSearch(layeredFront(problem, { beam: 1 })).exact).toBe(false);
  });
});

describe('cheapestPath', () => {
  it('is the least weighted cost of all choices of bins, and its own lower bound', () => {
    fc.assert(
      fc.property(sizes, fc.constantFrom([1, 1, 1], [3, 1, 0], [0, 0, 2]), ({ problem }, weights) => {
        const weighted = (costs: readonly number[]): number =>
          costs.reduce((sum, cost, k) => sum + cost * (weights[k] ?? 0), 0);
        const optimum = Math.min(...everyCost(problem).map(weighted));
        const found = runSearch(cheapestPath(problem, { weights }));
        expect(found.complete).toBe(true);
        expect(found.lowerBound).toBe(optimum);
        if (found.path === null) expect(optimum).toBe(Number.POSITIVE_INFINITY);
        else expect([weighted(found.path.costs), isValid(problem, found.path)]).toEqual([optimum, true]);
      }),
      { seed: 22, numRuns: 250 },
    );
  });

  it('walks straight to the end where everything fits', () => {
    const problem = randomLayered({ layers: 30, bins: 8, criteria: 1, kinds: 8, room: 100 }, createRandom(5));
    expect(runSearch(cheapestPath(problem)).expansions).toBeLessThan(30);
  });

  it('gives a lower bound when its expansions run out', () => {
    const problem = randomLayered({ layers: 6, bins: 4, criteria: 1, kinds: 4, room: 0.8 }, createRandom(6));
    const whole = runSearch(cheapestPath(problem));
    const cut = runSearch(cheapestPath(problem, { maximumExpansions: 2 }));
    expect(cut).toMatchObject({ path: null, complete: false, expansions: 2 });
    expect(cut.lowerBound).toBeLessThanOrEqual(whole.lowerBound);
  });

  it('tries one of identical bins where they are loaded alike', () => {
    const size = { layers: 8, bins: 12, criteria: 1, room: 0.7 };
    const alike = randomLayered({ ...size, kinds: 2 }, createRandom(7));
    const slightlyDifferent = {
      ...alike,
      capacities: alike.capacities.map((room, bin) => room + bin * 1e-9),
    };
    const few = runSearch(cheapestPath(alike));
    const many = runSearch(cheapestPath(slightlyDifferent));
    expect(few.path?.costs).toEqual(many.path?.costs);
    expect(few.expansions).toBeLessThan(many.expansions / 2);
  });

  it('is the same with pauses', async () => {
    const problem = randomLayered({ layers: 6, bins: 4, criteria: 2, kinds: 4, room: 1 }, createRandom(8));
    let pauses = 0;
    const paced = await runPacedSearch(cheapestPath(problem), async () => {
      pauses += 1;
    });
    expect(paced).toEqual(runSearch(cheapestPath(problem)));
    expect(pauses).toBeGreaterThan(3);
  });
});

describe('a layered problem', () => {
  const problem = randomLayered({ layers: 3, bins: 4, criteria: 1, kinds: 2, room: 1 }, createRandom(1));

  it('has classes of identical bins', () => {
    expect([...binClasses(problem)]).toEqual([0, 1, 0, 1]);
    const moves = problem.moves.slice();
    moves[1 * 4 + 3] = 77;
    expect([...binClasses({ ...problem, moves })]).not.toEqual([0, 1, 0, 1]);
  });

  it.each([
    { what: 'too few loads', change: { sums: new Float64Array(3) }, message: '`sums` has 3 numbers; 12' },
    {
      what: 'what is no number',
      change: { capacities: Float64Array.of(1, 1, 1, Number.NaN) },
      message: 'NaN',
    },
    { what: 'no layers', change: { layers: 0 }, message: '0 layers' },
  ])('is refused with $what', ({ change, message }) => {
    expect(() => runSearch(layeredFront({ ...problem, ...change }))).toThrow(message);
  });
});

describe('searches of the cheapest path', () => {
  it('agree with the cheapest of all choices of bins, however they go about it', () => {
    fc.assert(
      fc.property(sizes, ({ problem }) => {
        const sums = everyCost(problem).map((costs) => costs.reduce((sum, cost) => sum + cost, 0));
        const least = Math.min(...sums);
        for (const search of [
          cheapestPath(problem),
          cheapestPath(problem, { guided: false }),
          depthFirstPath(problem),
        ]) {
          const { path, lowerBound, complete } = runSearch(search);
          expect(complete).toBe(true);
          expect(lowerBound).toBe(least);
          expect(path === null).toBe(sums.length === 0);
          if (path !== null) expect(isValid(problem, path)).toBe(true);
        }
      }),
      { seed: 12, numRuns: 100 },
    );
  });

  it('price less the more they know', () => {
    const problem = randomLayered({ layers: 8, bins: 6, criteria: 1, kinds: 6, room: 2 }, createRandom(4));
    const guided = runSearch(cheapestPath(problem)).tried;
    expect(guided).toBeGreaterThan(0);
    expect(guided).toBeLessThan(runSearch(cheapestPath(problem, { guided: false })).tried);
  });

  it('keep a path that fits when branch and bound runs out of its budget', () => {
    const problem = randomLayered({ layers: 12, bins: 6, criteria: 1, kinds: 6, room: 0.6 }, createRandom(4));
    const { path, complete, lowerBound, tried } = runSearch(depthFirstPath(problem, { maximumTried: 90 }));
    expect(complete).toBe(false);
    expect(tried).toBeLessThan(90 + 6);
    expect(path !== null && isValid(problem, path)).toBe(true);
    expect(lowerBound).toBeLessThanOrEqual(path?.costs[0] ?? 0);
  });
});
