import { coinferFleet, type Graph, graphOf, JointProblem, zooModel } from '@tandem/core';
import { type Claim, defineClaim, exactly, type Figure } from '../claim.ts';
import { baselines, type Contender, coinferSearch, type Improvement } from '../joint-contest.ts';
import { papers } from '../papers.ts';

const where = 'abstract; the comparator is not stated';

const ofEach = 2;
const room = 1.6;
/** Of the fleets that are judged. */
const seeds = [0, 1, 2, 3, 4];
/** Of the fleets on which settings of baselines were chosen. */
const tuningSeeds = [100, 101, 102];
/** Units on devices that a baseline may price: three times what COINFER's search prices when nothing stops it. */
const budget = 1_000_000;
/** Over the best known. */
const nearEnough = 1.01;

const ownName = 'COINFER';
const finders: Readonly<Record<string, Contender>> = { [ownName]: coinferSearch(false), ...baselines };

/** The fleets on which a baseline must arrive before the percentage compares two searches that both did; stated after earlier runs in which none did. */
const enoughFleets = 3;

const unjudged = (unit: string): Figure => ({ unit, paper: null, tolerance: exactly, where });

export const c3: Claim = defineClaim({
  claim: 'COINFER schedules with 42 % less overhead than what it is compared with.',
  paper: papers.coinfer,
  standIn: `ViT-H/14 in 36 segments on ${seeds.length} seeded fleets of ${5 * ofEach} boards whose memory binds (see C7). Overhead: how often a unit on a device is priced until the joint cost is within 1 % of the best known (by any of these searches, or COINFER’s own with a beam of 64 throughout and 3,000 trials of clocks), which does not depend on the machine. The baselines are ours: the paper names none. Each may price ${budget} units on devices; one that does not arrive counts as having used all of it.`,
  figures: {
    'less overhead than the best baseline': { unit: '%', paper: 42, tolerance: { kind: 'at-least' }, where },
    'the best baseline arrives on': {
      unit: `of ${seeds.length} fleets`,
      paper: enoughFleets,
      tolerance: { kind: 'at-least' },
      where: 'our condition for comparing, not a figure of the paper',
    },
    'least cost of a baseline over COINFER’s': unjudged('×'),
    'least cost of a baseline over COINFER’s, tuning fleets': unjudged('×'),
    ...Object.fromEntries(
      Object.keys(finders).flatMap((name) => [
        [`${name}: within 1 %`, unjudged(`of ${seeds.length} fleets`)],
        [`${name}: units priced, median`, unjudged('thousand')],
      ]),
    ),
  },
  remarks: [
    `The best baseline is the one that arrives on most fleets, of several the one that prices least. Where it arrives on fewer than ${enoughFleets}, its median is the budget and not its own count: the percentage is then a lower bound that our budget sets, a larger budget would raise it until a baseline arrives, and the claim is confirmed in part at most. COINFER’s own count is that of its whole search, since it gives its answer at the end.`,
    `Tuned, on ${tuningSeeds.length} fleets that are not judged (seeds ${tuningSeeds.join(', ')}), with nearly the whole budget each time: the genetic algorithm (population 30, 50 or 100 with crossover 0.5, 0.9 and 0.5, each with the penalties 2 and 10 for a device’s overload) and simulated annealing (four pairs of hottest and coldest temperature, the same two penalties); of those with the penalty 10, which all point searches have here, the best by the sum of the three costs was taken (population 100 with crossover 0.5; 0.03 and 0.001). Not tuned: the joint Parzen estimator, which has its defaults; Dijkstra’s algorithm and branch and bound have nothing to set but their budget.`,
    'How far COINFER leads depends on the fleet: COINFER’s search is a heuristic too, and while settings were tuned, with other random draws, genetic algorithms found a plan of one fleet about 5 % better than even a beam of 64 throughout. The least ratios above say how near a baseline comes on the judged fleets and on those.',
    'Point searches start at the placement of a beam of one label at the clocks that are best alone. Dijkstra’s algorithm and branch and bound keep these clocks; the first is given a tenth of the budget, because comparing its labels takes far longer than pricing them. The joint Parzen estimator ends after 300 trials, its own work growing with their square.',
    'What a search spends beside pricing (sorting, comparing labels, fitting densities) is not counted; `npm run bench -- coinfer` gives seconds, on the 20 boards of the paper’s experiment.',
  ],
  run: async () => {
    const graph = graphOf(zooModel('vit-h-14', { batch: 1 }));
    const judged: Contested[] = [];
    for (const seed of seeds) judged.push(await contested(graph, seed));
    const tuning: Contested[] = [];
    for (const seed of tuningSeeds) tuning.push(await contested(graph, seed));
    const rows = Object.keys(finders).map((name) => ({
      name,
      ...summary(judged.map((fleet) => fleet[name])),
    }));
    const [ours, ...others] = rows;
    const best = others.sort((left, right) => right.arrived - left.arrived || left.priced - right.priced)[0];
    return {
      'less overhead than the best baseline': 100 * (1 - (ours?.priced ?? 0) / (best?.priced ?? 0)),
      'the best baseline arrives on': best?.arrived ?? 0,
      'least cost of a baseline over COINFER’s': leastOver(judged),
      'least cost of a baseline over COINFER’s, tuning fleets': leastOver(tuning),
      ...Object.fromEntries(
        rows.flatMap(({ name, arrived, priced }) => [
          [`${name}: within 1 %`, arrived],
          [`${name}: units priced, median`, priced / 1000],
        ]),
      ),
    };
  },
});

interface Result {
  readonly arrived: boolean;
  readonly priced: number;
  /** At last. */
  readonly cost: number;
}

/** By the name of the search. */
type Contested = Readonly<Record<string, Result>>;

async function contested(graph: Graph, seed: number): Promise<Contested> {
  const problem = new JointProblem(coinferFleet(graph, seed, room, ofEach));
  const known = [...(await coinferSearch(true)({ problem, seed, budget }))];
  const found: [string, readonly Improvement[]][] = [];
  for (const [name, find] of Object.entries(finders)) {
    const own = await find({ problem, seed, budget });
    found.push([name, own]);
    known.push(...own);
  }
  const target = nearEnough * Math.min(...known.map(({ cost }) => cost));
  return Object.fromEntries(found.map(([name, own]) => [name, resultOf(own, target)]));
}

function resultOf(improvements: readonly Improvement[], target: number): Result {
  const first = improvements.find(({ cost }) => cost <= target);
  const cost = improvements.at(-1)?.cost ?? Number.POSITIVE_INFINITY;
  return { arrived: first !== undefined, priced: first?.priced ?? budget, cost };
}

const leastOver = (fleets: readonly Contested[]): number =>
  Math.min(
    ...fleets.flatMap((fleet) =>
      Object.keys(baselines).map(
        (name) => (fleet[name]?.cost ?? Number.NaN) / (fleet[ownName]?.cost ?? Number.NaN),
      ),
    ),
  );

function summary(fleets: readonly (Result | undefined)[]): { arrived: number; priced: number } {
  const results = fleets.filter((result) => result !== undefined);
  const sorted = results.map(({ priced }) => priced).sort((left, right) => left - right);
  return {
    arrived: results.filter(({ arrived }) => arrived).length,
    priced: sorted[Math.floor(sorted.length / 2)] ?? 0,
  };
}
