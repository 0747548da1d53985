import { coinferFleet, graphOf, JointProblem, zooModel } from '@tandem/core';
import { type Claim, defineClaim, exactly, type Figure } from '../claim.ts';
import { baselines, type Contender, coinferSearch, type Improvement } from '../joint-contest.ts';
import { papers } from '../papers.ts';

const where = 'abstract; the comparator is not stated';

const ofEach = 2;
const room = 1.6;
/** Of the fleets that are judged; the baselines' settings were chosen on others. */
const seeds = [0, 1, 2, 3, 4];
/** Units on devices that a baseline may price: three times what COINFER's search prices when nothing stops it. */
const budget = 1_000_000;
/** Over the best known. */
const nearEnough = 1.01;

const finders: Readonly<Record<string, Contender>> = { COINFER: coinferSearch(false), ...baselines };

const unjudged = (unit: string): Figure => ({ unit, paper: null, tolerance: exactly, where });

export const c3: Claim = defineClaim({
  claim: 'COINFER schedules with 42 % less overhead than what it is compared with.',
  paper: papers.coinfer,
  standIn: `ViT-H/14 in 36 segments on ${seeds.length} seeded fleets of ${5 * ofEach} boards whose memory binds (see C7). Overhead: how often a unit on a device is priced until the joint cost is within 1 % of the best known (by any of these searches, or COINFER’s own with a beam of 64 throughout and 3,000 trials of clocks), which does not depend on the machine. The baselines are ours: the paper names none. Each may price ${budget} units on devices; one that does not arrive counts as having used all of it.`,
  figures: {
    'less overhead than the best baseline': { unit: '%', paper: 42, tolerance: { kind: 'at-least' }, where },
    ...Object.fromEntries(
      Object.keys(finders).flatMap((name) => [
        [`${name}: within 1 %`, unjudged(`of ${seeds.length} fleets`)],
        [`${name}: units priced, median`, unjudged('thousand')],
      ]),
    ),
  },
  remarks: [
    'The best baseline is the one that arrives on most fleets, of several the one that prices least. Where the median did not arrive, the reduction is a lower bound if COINFER’s did. COINFER’s own count is that of its whole search, since it gives its answer at the end.',
    'Point searches start at the placement of a beam of one label at the clocks that are best alone. Dijkstra’s algorithm and branch and bound keep these clocks; the first is given a tenth of the budget, because comparing its labels takes far longer than pricing them. The joint Parzen estimator ends after 300 trials, its own work growing with their square.',
    'What a search spends beside pricing (sorting, comparing labels, fitting densities) is not counted; `npm run bench -- coinfer` gives seconds, on the 20 boards of the paper’s experiment.',
  ],
  run: async () => {
    const graph = graphOf(zooModel('vit-h-14', { batch: 1 }));
    const results = new Map<string, Result[]>(Object.keys(finders).map((name) => [name, []]));
    for (const seed of seeds) {
      const problem = new JointProblem(coinferFleet(graph, seed, room, ofEach));
      const known = [...(await coinferSearch(true)({ problem, seed, budget }))];
      const found = new Map<string, readonly Improvement[]>();
      for (const [name, find] of Object.entries(finders)) {
        const own = await find({ problem, seed, budget });
        found.set(name, own);
        known.push(...own);
      }
      const target = nearEnough * Math.min(...known.map(({ cost }) => cost));
      for (const [name, own] of found) results.get(name)?.push(arrival(own, target));
    }
    const rows = [...results].map(([name, own]) => ({ name, ...summary(own) }));
    const [ours, ...others] = rows;
    const best = others.sort((left, right) => right.arrived - left.arrived || left.priced - right.priced)[0];
    return {
      'less overhead than the best baseline': 100 * (1 - (ours?.priced ?? 0) / (best?.priced ?? 0)),
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
}

function arrival(improvements: readonly Improvement[], target: number): Result {
  const first = improvements.find(({ cost }) => cost <= target);
  return { arrived: first !== undefined, priced: first?.priced ?? budget };
}

function summary(results: readonly Result[]): { arrived: number; priced: number } {
  const sorted = results.map(({ priced }) => priced).sort((left, right) => left - right);
  return {
    arrived: results.filter(({ arrived }) => arrived).length,
    priced: sorted[Math.floor(sorted.length / 2)] ?? 0,
  };
}
