import type { DeviceId } from '../cluster/cluster.ts';
import type { Rate } from '../cluster/rate.ts';
import { createEvaluator, type Evaluator } from '../cost/evaluate.ts';
import { objectiveValue } from '../cost/objective-value.ts';
import { planOf } from '../plan/plan-of.ts';
import type { Problem } from '../plan/problem.ts';
import { bitsPerSecond, hertz } from '../units.ts';
import { bestSplit, type PricedSplit } from './best-split.ts';
import type { PlannerContext } from './planner.ts';
import { serverPairs } from './server-pairs.ts';

/** At which link rates a split would beat every device alone. */
export type SplitRange =
  | {
      readonly kind: 'found';
      /** All links' rates times this, nearest to 1 within 2 %; below 1 the links have to be slower. */
      readonly nearest: number;
      /** How much farther from 1 a split still wins; null = as far as was looked. */
      readonly farthest: number | null;
      /** How far from 1 was looked. */
      readonly tried: number;
      /** The best split with links `nearest` times as fast. */
      readonly split: PricedSplit;
      /** What the best device alone is worth there. */
      readonly alone: number;
    }
  | { readonly kind: 'none'; readonly lowest: number; readonly highest: number }
  | { readonly kind: 'not-sought'; readonly reason: string };

/** Rates are tried at these powers of two, in both directions, then halved between two of them. */
const mostDoublings = 8;
const halvings = 6;
const runs = 2 * mostDoublings + 2 * halvings;

/** Cuts × pairs of devices × rates: below a second or two. */
const mostScores = 60_000;

/**
 * By how much the links would have to be faster (or slower) for a split to beat every device alone, everything else as it is. At most
 * 28 searches over all prefix cuts; not sought where that would be slow. Rates at which a split wins lie in one interval mostly, and
 * one that is narrower than a factor of two may be missed.
 */
export async function splitRange(
  problem: Problem,
  context: Omit<PlannerContext, 'evaluator'>,
): Promise<SplitRange> {
  const scores = problem.graph.nodes.length * serverPairs(problem).length * runs;
  if (scores > mostScores)
    return {
      kind: 'not-sought',
      reason: `it would take ${scores} scores, and at most ${mostScores} are made`,
    };
  const tried = new RateTrial(problem, context);
  for (let doublings = 1; doublings <= mostDoublings; doublings++) {
    for (const sign of [1, -1]) {
      const factor = 2 ** (sign * doublings);
      if (!(await tried.wins(factor))) continue;
      const nearest = await tried.border(2 ** (sign * (doublings - 1)), factor);
      const farthest = await tried.end(factor, sign, doublings);
      const winner = await tried.winner(nearest);
      if (winner !== null)
        return { kind: 'found', nearest, farthest, tried: 2 ** (sign * mostDoublings), ...winner };
    }
  }
  return { kind: 'none', lowest: 2 ** -mostDoublings, highest: 2 ** mostDoublings };
}

interface Trial {
  readonly split: PricedSplit | string;
  readonly alone: number;
}

class RateTrial {
  readonly #problem: Problem;
  readonly #context: Omit<PlannerContext, 'evaluator'>;
  readonly #known = new Map<number, Trial>();

  constructor(problem: Problem, context: Omit<PlannerContext, 'evaluator'>) {
    this.#problem = problem;
    this.#context = context;
  }

  async wins(factor: number): Promise<boolean> {
    const { split, alone } = await this.#at(factor);
    return typeof split !== 'string' && split.value < alone * (1 - 1e-9);
  }

  /** The factor nearest to `loses` at which a split wins, between one where it loses and one where it wins. */
  async border(loses: number, wins: number): Promise<number> {
    let [outside, inside] = [loses, wins];
    for (let step = 0; step < halvings; step++) {
      const middle = Math.sqrt(outside * inside);
      if (await this.wins(middle)) inside = middle;
      else outside = middle;
    }
    return inside;
  }

  /** Where a split stops winning farther from 1 than `factor`. */
  async end(factor: number, sign: number, doublings: number): Promise<number | null> {
    let last = factor;
    for (let next = doublings + 1; next <= mostDoublings; next++) {
      const farther = 2 ** (sign * next);
      if (!(await this.wins(farther))) return this.border(farther, last);
      last = farther;
    }
    return null;
  }

  /** What wins at `factor`, where something does. */
  async winner(factor: number): Promise<{ split: PricedSplit; alone: number } | null> {
    const { split, alone } = await this.#at(factor);
    return typeof split === 'string' ? null : { split, alone };
  }

  async #at(factor: number): Promise<Trial> {
    const known = this.#known.get(factor);
    if (known !== undefined) return known;
    const problem = withLinkRates(this.#problem, factor);
    const evaluator = createEvaluator(problem);
    const trial = {
      split: await bestSplit(problem, { ...this.#context, evaluator }),
      alone: bestAlone(problem, evaluator),
    };
    this.#known.set(factor, trial);
    return trial;
  }
}

function withLinkRates(problem: Problem, factor: number): Problem {
  const links = problem.cluster.links.map((link) => ({ ...link, rate: times(link.rate, factor) }));
  return { ...problem, cluster: { ...problem.cluster, links } };
}

/** The same course of the rate, `factor` times as high. */
function times(rate: Rate, factor: number): Rate {
  switch (rate.kind) {
    case 'constant':
      return { ...rate, bitsPerSecond: bitsPerSecond(rate.bitsPerSecond * factor) };
    case 'shannon':
      return { ...rate, bandwidthHertz: hertz(rate.bandwidthHertz * factor) };
    case 'trace': {
      const points = rate.points.map((point) => ({
        ...point,
        bitsPerSecond: bitsPerSecond(point.bitsPerSecond * factor),
      }));
      return { ...rate, points };
    }
  }
}

/** Infinity when no device can do it alone. */
function bestAlone(problem: Problem, evaluator: Evaluator): number {
  const nodes = problem.graph.nodes.map(({ id }) => id);
  const value = (device: DeviceId): number => {
    const report = evaluator.evaluate(planOf(problem, '', [{ device, nodes }], 'alone'));
    const isFeasible = report.violations.length === 0;
    return isFeasible ? objectiveValue(problem.objective, report) : Number.POSITIVE_INFINITY;
  };
  return Math.min(...problem.cluster.devices.map(({ id }) => value(id)));
}
