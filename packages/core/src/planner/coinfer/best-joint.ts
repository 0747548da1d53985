import type { Random } from '../../random.ts';
import { cheapestPath } from '../../search/layers/cheapest-path.ts';
import { layeredFront } from '../../search/layers/layered-front.ts';
import { localSearch } from '../../search/optimise/local-search.ts';
import { minimise, minimisePaced } from '../../search/optimise/optimiser.ts';
import { parzenSearch } from '../../search/optimise/parzen/parzen-search.ts';
import type { Point, Space } from '../../search/optimise/space.ts';
import { runPacedSearch } from '../../search/paced-search.ts';
import type { IsLate, Pacer } from '../pacer.ts';
import { bestAlone } from './clock-choices.ts';
import type { JointCosts } from './joint-costs.ts';

/** A device for each unit and a choice for each clock. */
export interface Joint {
  readonly bins: readonly number[];
  readonly clocks: readonly number[];
  readonly value: number;
}

/** How clocks are searched: 'parzen' places anew at each of its points, 'local' only where it found better clocks for known placements. */
export type OuterSearch = 'local' | 'parzen';

/** Best first reaches the end in one expansion a unit where memory does not bind; then no beam is needed. */
const expansionsBeforeBeam = 256;

/** How long to search; what is not given is as the planner has it. */
export interface JointEffort {
  /** Labels kept for a unit on a device while clocks are searched, and at last. */
  readonly trialBeam?: number;
  readonly finalBeam?: number;
  /** Evaluations of a local search over clocks, each a few microseconds. */
  readonly clockTrials?: number;
  /** Of the paper's outer loop, each a placement. */
  readonly parzenTrials?: number;
  /** Whether to end with what there is, and to keep few labels until then. */
  readonly isLate?: IsLate;
}

/**
 * What the planners do. At last enough labels for the optimum of small chains in all our draws; while clocks are searched fewer, which is a
 * few per cent off now and then and an order of magnitude faster. COINFER's own budget of trials is of the order of ours.
 */
export const plannersEffort: Required<JointEffort> = {
  trialBeam: 4,
  finalBeam: 64,
  clockTrials: 400,
  parzenTrials: 100,
  isLate: () => false,
};

/** Rounds of placing and setting clocks; three settle nearly always. */
const mostRounds = 6;

/** The placement and clocks of least joint cost that the search finds within `capacities` (bytes by device); null where none fits. */
export async function bestJoint(
  costs: JointCosts,
  capacities: Float64Array,
  outer: OuterSearch,
  random: Random,
  pacer: Pacer,
  effort: JointEffort = {},
): Promise<Joint | null> {
  const settings: Required<JointEffort> = { ...plannersEffort, ...effort };
  const { finalBeam, isLate } = settings;
  const place = (clocks: readonly number[], beam: number): Promise<Joint | null> =>
    placed(costs, capacities, clocks, { beam, isLate }, pacer);
  if (costs.clocked.length === 0) return place([], finalBeam);
  const devices = costs.chain.problem.cluster.devices;
  const alone = costs.clocked.map(({ device, choices }) => {
    const row = devices[device];
    return row === undefined ? 0 : bestAlone(row, choices, costs.prices);
  });
  const warm = [alone, costs.highest()];
  const clocks =
    outer === 'parzen'
      ? await parzenClocks(costs, warm, place, random, pacer, settings)
      : await localClocks(costs, warm, place, random, pacer, settings);
  if (clocks === null) return null;
  const last = await place(clocks.clocks, finalBeam);
  return [last, clocks].reduce(better, null);
}

async function placed(
  costs: JointCosts,
  capacities: Float64Array,
  clocks: readonly number[],
  { beam, isLate }: { readonly beam: number; readonly isLate: IsLate },
  pacer: Pacer,
): Promise<Joint | null> {
  const layered = costs.layered(clocks, capacities);
  await pacer();
  const exact = await runPacedSearch(
    cheapestPath(layered, { maximumExpansions: expansionsBeforeBeam }),
    pacer,
  );
  costs.count(exact.tried);
  let path = exact.path;
  if (!exact.complete) {
    const front = await runPacedSearch(layeredFront(layered, { beam, isLate }), pacer);
    costs.count(front.tried);
    path = front.paths[0] ?? null;
  }
  return path === null ? null : { bins: path.bins, clocks, value: costs.value(path.bins, clocks) };
}

type Place = (clocks: readonly number[], beam: number) => Promise<Joint | null>;

const spaceOf = ({ clocked }: JointCosts): Space =>
  clocked.map(({ choices }) => ({ kind: 'range', low: 0, high: choices.length - 1, step: 1 }));

async function localClocks(
  costs: JointCosts,
  warm: readonly Point[],
  place: Place,
  random: Random,
  pacer: Pacer,
  { trialBeam, clockTrials, isLate }: Required<JointEffort>,
): Promise<Joint | null> {
  let best: Joint | null = null;
  const known: (readonly number[])[] = [];
  for (const clocks of warm) {
    const joint = await place(clocks, trialBeam);
    if (joint === null) continue;
    known.push(joint.bins);
    best = better(best, joint);
  }
  for (let round = 0; best !== null && round < mostRounds && !isLate(); round++) {
    const start: number = best.value;
    for (const bins of known) {
      await pacer();
      best = better(best, withBestClocks(costs, bins, [best?.clocks ?? [], ...warm], clockTrials, random));
    }
    const joint: Joint | null = await place(best?.clocks ?? [], trialBeam);
    if (joint !== null) known.splice(0, known.length, joint.bins);
    best = better(best, joint);
    if (best === null || best.value >= start) break;
  }
  return best;
}

function withBestClocks(
  costs: JointCosts,
  bins: readonly number[],
  warm: readonly Point[],
  maximumEvaluations: number,
  random: Random,
): Joint {
  const search = localSearch(spaceOf(costs), { maximumEvaluations, warm }, random);
  const { point, value } = minimise(search, (clocks) => costs.value(bins, clocks));
  return { bins, clocks: point, value };
}

/** As COINFER does: every point of the outer search is worth what the best placement at these clocks is. */
async function parzenClocks(
  costs: JointCosts,
  warm: readonly Point[],
  place: Place,
  random: Random,
  pacer: Pacer,
  { trialBeam, parzenTrials }: Required<JointEffort>,
): Promise<Joint | null> {
  let best: Joint | null = null;
  const search = parzenSearch(spaceOf(costs), { maximumEvaluations: parzenTrials, warm }, random);
  await minimisePaced(
    search,
    async (clocks) => {
      const joint = await place(clocks, trialBeam);
      best = better(best, joint);
      return joint?.value ?? Number.POSITIVE_INFINITY;
    },
    pacer,
  );
  return best;
}

function better(left: Joint | null, right: Joint | null): Joint | null {
  if (left === null || right === null) return left ?? right;
  return right.value < left.value ? right : left;
}
