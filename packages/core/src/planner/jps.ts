import { costTables, linkIndex, occupiedSeconds } from '../cost/cost-tables.ts';
import { cutOf } from '../graph/cut.ts';
import { singleTensorCuts } from '../graph/single-tensor-cuts.ts';
import type { CodecOf } from '../plan/plan-of.ts';
import { type Problem, requestsOf } from '../plan/problem.ts';
import { type TransferCodec, transferBytes } from '../plan/transfer-codec.ts';
import { adjacentMix, type BatchMix, hullMix } from '../search/batch-mix.ts';
import type { TwoStepJob } from '../search/flow-shop.ts';
import { codedCrossing } from './coded-crossing.ts';
import type { Pacer } from './pacer.ts';
import { type CodedCut, planTwoStages } from './plan-two-stages.ts';
import type { Planner } from './planner.ts';
import { serverPairs, supportsServers } from './server-pairs.ts';
import type { DevicePair } from './two-stage-costs.ts';

type Mix = (options: readonly TwoStepJob[], jobs: number) => BatchMix;

const eightBits: TransferCodec = { kind: 'affine', bits: 8, perChannel: false };

/**
 * JPS (Duan and Wu): a batch takes two cuts that a single tensor crosses, mixed so that device and link are busy alike; the server's time
 * is neglected. A plan places every request alike, so it holds the one of the two cuts that is better by the problem's objective; for one
 * request that is the paper's own answer, the least device + link time. Precision is not said in the paper: raw.
 */
export const jpsAdjacent: Planner = jps('jps-adjacent', adjacentMix, null);

/** With the two cuts taken from the convex hull of (device time, link time), which balances batches that neighbouring cuts cannot. */
export const jpsHull: Planner = jps('jps-hull', hullMix, null);

/** With tensors in 8 bits, one range each. */
export const jpsAdjacentCoded: Planner = jps('jps-adjacent-q8', adjacentMix, eightBits);
export const jpsHullCoded: Planner = jps('jps-hull-q8', hullMix, eightBits);

function jps(name: string, mix: Mix, codec: TransferCodec | null): Planner {
  return {
    name,
    paper: 'JPS: Duan and Wu, one cut of the two that its batch would mix',
    ...(codec === null ? {} : { lossy: true }),
    supports: supportsServers,
    plan: (problem, context) =>
      planTwoStages(
        name,
        problem,
        context,
        (pair, pacer) => mixedCuts(problem, pair, mix, codec ?? { kind: 'raw' }, pacer),
        serverPairs(problem),
      ),
  };
}

/** The cuts that the problem's requests would take. */
async function mixedCuts(
  problem: Problem,
  pair: DevicePair,
  mix: Mix,
  codec: TransferCodec,
  pacer: Pacer,
): Promise<readonly CodedCut[]> {
  const { graph } = problem;
  const codecOf = codedCrossing(problem, codec);
  const cuts: CodedCut[] = [];
  const options: TwoStepJob[] = [];
  const stepsOf = jobSteps(problem, pair, codecOf);
  for (const cut of [cutOf(graph, []), ...singleTensorCuts(graph), cutOf(graph, [...graph.nodes.keys()])]) {
    await pacer();
    const steps = stepsOf(cut);
    if (steps.second === Number.POSITIVE_INFINITY) continue;
    cuts.push({ ...cut, codecOf });
    options.push(steps);
  }
  const { order } = mix(options, requestsOf(problem.workload));
  return [...new Set(order)].flatMap((index) => cuts[index] ?? []);
}

/** Time on the first device and on its link to the second; endless where there is no link, or raw input must stay. */
function jobSteps(problem: Problem, pair: DevicePair, codecOf: CodecOf): (cut: CodedCut) => TwoStepJob {
  const { compute, transfer } = costTables(problem);
  const { tensors } = problem.graph;
  const times = compute.seconds[compute.devices.indexOf(pair.first)] ?? [];
  const link = transfer.links[linkIndex(transfer, pair.first, pair.second)];
  const sendSeconds = (tensor: number): number => {
    const row = tensors[tensor];
    const stays = problem.constraints.neverLeaveRawInput && row?.producer === 'input';
    if (row === undefined || link === undefined || stays) return Number.POSITIVE_INFINITY;
    const codec = codecOf({ tensor, from: pair.first, to: pair.second });
    return occupiedSeconds(link, transferBytes(row, codec));
  };
  return ({ nodes, boundary }) => ({
    first: nodes.reduce((sum, node) => sum + (times[node] ?? 0), 0),
    second: boundary.reduce((sum, tensor) => sum + sendSeconds(tensor), 0),
  });
}
