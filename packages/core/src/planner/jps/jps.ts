import type { CodecOf } from '../../plan/plan-of.ts';
import { type Problem, requestsOf } from '../../plan/problem.ts';
import { balancedWord } from '../../search/balanced-word.ts';
import { adjacentMix, type BatchMix, hullMix } from '../../search/batch-mix.ts';
import type { TwoStepJob } from '../../search/flow-shop.ts';
import { CrossingCodecs } from '../coach/crossing-codecs.ts';
import { codedCrossing } from '../coded-crossing.ts';
import { figuresOf } from '../objective-support.ts';
import type { Planner } from '../planner.ts';
import { serverPairs, supportsServers } from '../server-pairs.ts';
import { planBatch } from './plan-batch.ts';

type CodecsOf = (problem: Problem) => CodecOf;
type Mix = (options: readonly TwoStepJob[], jobs: number) => BatchMix;

const published = 'JPS: Duan and Wu, batches that mix two cuts';
const raw: CodecsOf = (problem) => codedCrossing(problem, { kind: 'raw' });
const eightBits: CodecsOf = (problem) =>
  codedCrossing(problem, { kind: 'affine', bits: 8, perChannel: false });

/**
 * JPS (Duan and Wu): a batch takes two cuts that a single tensor crosses, mixed so that device and link are busy alike, in the order of Johnson's
 * rule; the server's time is neglected. `evaluate`, which does not neglect it, then says whether the mix or one of the two cuts alone is
 * better by the problem's objective. For one request that is the paper's own answer, the least device + link time; a stream, where the
 * objective looks at the period, takes the two cuts by turns. Precision is not said in the paper: raw.
 */
export const jpsAdjacent: Planner = jps('jps-adjacent', published, adjacentMix, raw);

/** With the two cuts taken from the convex hull of (device time, link time), which balances batches that neighbouring cuts cannot. */
export const jpsHull: Planner = jps('jps-hull', published, hullMix, raw);

/** With tensors in 8 bits, one range each. */
export const jpsAdjacentCoded: Planner = lossy(jps('jps-adjacent-q8', published, adjacentMix, eightBits));
export const jpsHullCoded: Planner = lossy(jps('jps-hull-q8', published, hullMix, eightBits));

/**
 * Ours: turns between two cuts of the hull as in `jpsHull`, and every tensor in the fewest bits that `constraints.accuracyLoss` allows it,
 * which is how COACH chooses bits (0.5 % of the answers where the problem does not say). The budget is kept by every request, not only
 * by the mean of all.
 */
export const coachMix: Planner = lossy(
  jps('coach-mix', 'ours: the turns of JPS with the bits of COACH', hullMix, (problem) => {
    const codecs = new CrossingCodecs(problem);
    return ({ tensor }) => codecs.of(tensor)[0]?.codec ?? { kind: 'raw' };
  }),
);

function lossy(planner: Planner): Planner {
  return { ...planner, lossy: true };
}

function jps(name: string, paper: string, mix: Mix, codecsOf: CodecsOf): Planner {
  return {
    name,
    paper,
    supports: supportsServers,
    plan: (problem, context) =>
      planBatch({ planner: name, problem, context }, serverPairs(problem), codecsOf(problem), {
        alone: ({ cuts, steps }) => cutsOf(problem, mix, steps).flatMap((index) => cuts[index] ?? []),
        patterns: async ({ steps }) => [patternOf(problem, mix, steps)],
      }),
  };
}

/** Of a stream, that goes on for ever; and of batches so large that their order would fill a plan. */
const streamLength = 32;
const longestBatch = 1024;

/** What each of the problem's requests takes, in order. */
function patternOf(problem: Problem, mix: Mix, steps: readonly TwoStepJob[]): readonly number[] {
  const requests = requestsOf(problem.workload);
  if (requests > 1 && requests <= longestBatch) return mix(steps, requests).order;
  if (requests === 1 && !figuresOf(problem.objective).includes('periodSeconds')) return mix(steps, 1).order;
  const { order } = mix(steps, streamLength);
  const [left = 0, right = left] = new Set(order);
  const count = order.filter((index) => index === left).length;
  return balancedWord(order.length, count).map((letter) => (letter === 0 ? left : right));
}

function cutsOf(problem: Problem, mix: Mix, steps: readonly TwoStepJob[]): readonly number[] {
  return [...new Set(patternOf(problem, mix, steps))];
}
