import {
  assignChain,
  type ChainProblem,
  createRandom,
  type FlowNetwork,
  type LayeredProblem,
  layeredFront,
  maximumFlow,
  parzenSearch,
  type Random,
} from '@tandem/core';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { besideOptuna } from '../optuna/beside-optuna.ts';
import { candidatesContest } from '../optuna/candidates.ts';
import { median } from '../paired.ts';

const rounds = 7;

const optunaCase = 'TPE beside Optuna';
const candidatesCase = 'TPE by candidates';

/** What planners promise to keep between two turns of the event loop; a search is to leave most of it to its caller. */
const mostBetweenYields = 0.01;

interface Subject {
  readonly name: string;
  /** Seconds that it is to need at most. */
  readonly target: number;
  /** Yields wherever the search does. */
  readonly start: () => Generator<unknown, unknown, void>;
}

export const searches: Bench = {
  title:
    'How long searches take on problems of the size that planners give them, and how long without a pause; TPE with fewer and more candidates, and beside Optuna’s.',
  run: async (context: BenchContext): Promise<BenchResult> => {
    const rows: BenchRow[] = [];
    for (const subject of [flow(), parzen(), labels(), chain()]) {
      if (!subject.name.includes(context.only)) continue;
      context.progress(subject.name);
      context.signal.throwIfAborted();
      rows.push(...measured(subject));
    }
    const others = [
      ...(candidatesCase.includes(context.only) ? [candidatesContest(context)] : []),
      ...(optunaCase.includes(context.only) ? [await besideOptuna(context)] : []),
    ];
    return {
      rows: [...rows, ...others.flatMap((other) => other.rows)],
      remarks: [...remarks, ...others.flatMap((other) => other.remarks)],
    };
  },
};

const remarks = [
  `Medians of ${rounds} rounds after one that is not counted, one thread, seeded problems; longest pause: the least of the rounds, because other processes only lengthen it.`,
  'Flow: chains with side branches and reverse arcs that cannot be cut, as a planner makes them of a network of 680 operators.',
  'TPE: the objective itself takes no time.',
  'Labels: two loads a bin that bind; 64 labels are kept for a layer in a bin.',
  'Chain: every machine differs, every pair has its own link, memory limits each.',
];

function measured({ name, target, start }: Subject): readonly BenchRow[] {
  const runs = Array.from({ length: rounds + 1 }, () => oneRun(start())).slice(1);
  const seconds = median(runs.map((run) => run.seconds));
  const pause = Math.min(...runs.map((run) => run.longest));
  const row = (what: string, value: number, most: number): BenchRow => ({
    case: what,
    value,
    unit: 's',
    ratioTo: `at most ${most} s`,
    ratio: value / most,
  });
  return [row(name, seconds, target), row(`${name}: longest without a yield`, pause, mostBetweenYields)];
}

function oneRun(search: Generator<unknown, unknown, void>): { seconds: number; longest: number } {
  const begin = performance.now();
  let [before, longest] = [begin, 0];
  for (let done = false; !done; ) {
    done = search.next().done === true;
    const now = performance.now();
    longest = Math.max(longest, now - before);
    before = now;
  }
  return { seconds: (before - begin) / 1000, longest: longest / 1000 };
}

function flow(): Subject {
  const random = createRandom(1);
  const [vertices, arcs]: [number, [number, number, number][]] = [680, []];
  const sink = vertices - 1;
  for (let vertex = 1; vertex < sink; vertex++) {
    arcs.push([0, vertex, random.next() / 100], [vertex, sink, random.next() / 10]);
    const reach = vertex % 3 === 0 ? [1, 3] : [1];
    for (const next of reach.map((step) => vertex + step).filter((head) => head < sink))
      arcs.push([vertex, next, random.next()], [next, vertex, Number.POSITIVE_INFINITY]);
  }
  const network: FlowNetwork = {
    vertices,
    source: 0,
    sink,
    tails: Int32Array.from(arcs, ([tail]) => tail),
    heads: Int32Array.from(arcs, ([, head]) => head),
    capacities: Float64Array.from(arcs, ([, , capacity]) => capacity),
  };
  return {
    name: 'maximum flow, 680 vertices',
    target: 1e-3,
    *start() {
      yield maximumFlow(network);
    },
  };
}

function parzen(): Subject {
  const space = Array.from({ length: 20 }, () => ({ kind: 'range', low: 0.5, high: 1 }) as const);
  const options = { maximumEvaluations: 200, patience: 200, flatness: 0 };
  return {
    name: 'TPE, 200 trials × 20 dimensions',
    target: 0.15,
    *start() {
      const search = parzenSearch(space, options, createRandom(1));
      let step = search.next(0);
      while (step.done !== true) {
        yield;
        step = search.next((step.value ?? []).reduce((sum, x) => sum + 1 / x + x * x, 0));
      }
    },
  };
}

function labels(): Subject {
  const problem = layeredProblem(32, 20, createRandom(1));
  return {
    name: 'labels, 32 layers × 20 bins, beam 64',
    target: 0.3,
    start: () => layeredFront(problem, { beam: 64 }),
  };
}

function layeredProblem(layers: number, bins: number, random: Random): LayeredProblem {
  const table = (length: number, most: number): Float64Array =>
    Float64Array.from({ length }, () => random.next() * most);
  return {
    layers,
    bins,
    criteria: 1,
    work: table(layers * bins, 1),
    moves: table((layers - 1) * bins * bins, 0.3),
    entering: table(bins, 1),
    leaving: table(bins, 1),
    sums: table(layers * bins, 1),
    peaks: table(layers * bins, 1),
    capacities: table(bins, 2).map((room) => room + 1.5),
  };
}

function chain(): Subject {
  const problem = chainProblem(300, 8, createRandom(1));
  return { name: 'chain, 300 units × 8 machines', target: 0.3, start: () => assignChain(problem) };
}

function chainProblem(units: number, machines: number, random: Random): ChainProblem {
  const times = Array.from({ length: machines }, () => {
    const slowness = 1 + 5 * random.next();
    const sums = new Float64Array(units + 1);
    for (let unit = 0; unit < units; unit++) sums[unit + 1] = (sums[unit] ?? 0) + random.next() * slowness;
    return sums;
  });
  const bytes = Array.from({ length: units }, () => random.next() * 2);
  const slowness = Array.from({ length: machines ** 2 }, () => 1 + 3 * random.next());
  const rooms = Array.from({ length: machines }, () => 40 + random.integer(80));
  return {
    units,
    counts: Array.from({ length: machines }, () => 1),
    work: (kind, first, end) => (times[kind]?.[end] ?? 0) - (times[kind]?.[first] ?? 0),
    fits: (kind, first, end) => end - first <= (rooms[kind] ?? 0),
    handover: (position, from, to) => (bytes[position] ?? 0) * (slowness[from * machines + to] ?? 1),
    entering: () => 0,
    leaving: () => 0,
  };
}
