import {
  annealingSearch,
  type CheapestPath,
  cheapestPath,
  createRandom,
  depthFirstPath,
  geneticSearch,
  type JointEffort,
  type JointProblem,
  layeredFront,
  minimise,
  type Optimiser,
  type Point,
  parzenSearch,
  plannersEffort,
  type Random,
  runSearch,
  type SearchOptions,
} from '@tandem/core';

/** A plan that fits and is better than all before it. */
export interface Improvement {
  /** Units on devices that were priced until then. */
  readonly priced: number;
  /** The joint cost. */
  readonly cost: number;
}

export interface Contest {
  readonly problem: JointProblem;
  readonly seed: number;
  /** Units on devices that a baseline may price. */
  readonly budget: number;
}

/** What a plan that does not fit costs more, for each time that a device's memory is exceeded. */
const penalty = 10;

/** The joint Parzen estimator's own work grows with the square of its trials. */
const parzenTrials = 300;

/** Its comparisons of labels, which are not counted, take far longer than pricing them. */
const dijkstraShare = 10;

export type Contender = (contest: Contest) => Promise<readonly Improvement[]>;

/** Several times what the planner does. */
export const thoroughEffort: Required<JointEffort> = { ...plannersEffort, trialBeam: 64, clockTrials: 3000 };

/** COINFER's own search, as the planner has it or with `thoroughEffort`. */
export const coinferSearch =
  (thoroughly: boolean): Contender =>
  async ({ problem, seed }) => {
    const before = problem.priced;
    const effort = thoroughly ? thoroughEffort : plannersEffort;
    const point = await problem.coinfer('local', effort, createRandom(seed), async () => {});
    return point === null ? [] : [{ priced: problem.priced - before, cost: problem.cost(point) }];
  };

type PointSearch = (problem: JointProblem, options: SearchOptions, random: Random) => Optimiser;

/** Searches all devices and clocks at once, from the placement of a beam of one label at the clocks that are best alone. */
const pointwise =
  (search: PointSearch, most = Number.POSITIVE_INFINITY): Contender =>
  async ({ problem, seed, budget }) => {
    const before = problem.priced;
    const warm = greedy(problem);
    const left = Math.floor((budget - (problem.priced - before)) / problem.units);
    const options = {
      maximumEvaluations: Math.max(1, Math.min(most, left)),
      warm: warm === null ? [] : [warm],
    };
    const improvements: Improvement[] = [];
    minimise(search(problem, options, createRandom(seed)), (point) => {
      const cost = problem.cost(point);
      const overload = problem.overload(point);
      if (overload === 0 && cost < (improvements.at(-1)?.cost ?? Number.POSITIVE_INFINITY))
        improvements.push({ priced: problem.priced - before, cost });
      return cost + penalty * overload;
    });
    return improvements;
  };

function greedy(problem: JointProblem): Point | null {
  const clocks = problem.bestClocks();
  const front = runSearch(layeredFront(problem.layered(clocks), { beam: 1 }));
  problem.count(front.tried);
  const path = front.paths[0];
  return path === undefined ? null : [...path.bins, ...clocks];
}

const dijkstra: Contender = async ({ problem, budget }) => {
  const clocks = problem.bestClocks();
  const devices = problem.devices;
  const found = runSearch(
    cheapestPath(problem.layered(clocks), {
      guided: false,
      maximumExpansions: Math.floor(budget / dijkstraShare / devices),
    }),
  );
  return improvementOf(problem, found, clocks);
};

const branchAndBound: Contender = async ({ problem, budget }) => {
  const clocks = problem.bestClocks();
  const found = runSearch(depthFirstPath(problem.layered(clocks), { maximumTried: budget }));
  return improvementOf(problem, found, clocks);
};

const improvementOf = (
  problem: JointProblem,
  { path, tried }: CheapestPath,
  clocks: readonly number[],
): readonly Improvement[] =>
  path === null ? [] : [{ priced: tried, cost: problem.cost([...path.bins, ...clocks]) }];

/** Ours: the paper does not say what it compares its scheduler with. The settings of the first two are the best of those tried on fleets that are not judged. */
export const baselines: Readonly<Record<string, Contender>> = {
  'genetic algorithm': pointwise((problem, options, random) =>
    geneticSearch(problem.space, { ...options, population: 100, crossover: 0.5 }, random),
  ),
  'simulated annealing': pointwise((problem, options, random) =>
    annealingSearch(problem.space, { ...options, hottest: 0.03, coldest: 0.001 }, random),
  ),
  'joint Parzen estimator': pointwise(
    (problem, options, random) =>
      parzenSearch(problem.space, { ...options, patience: parzenTrials, flatness: 0 }, random),
    parzenTrials,
  ),
  "Dijkstra's algorithm": dijkstra,
  'branch and bound': branchAndBound,
};
