import { costTables, linkIndex, occupiedSeconds } from '../../cost/cost-tables.ts';
import { cutOf } from '../../graph/cut.ts';
import { singleTensorCuts } from '../../graph/single-tensor-cuts.ts';
import type { CodecOf } from '../../plan/plan-of.ts';
import type { Problem } from '../../plan/problem.ts';
import { transferBytes } from '../../plan/transfer-codec.ts';
import type { TwoStepJob } from '../../search/flow-shop.ts';
import type { Pacer } from '../pacer.ts';
import type { CodedCut } from '../plan-two-stages.ts';
import type { DevicePair } from '../two-stage-costs.ts';

/** What a request of a batch may do between two devices. */
export interface CutOptions {
  readonly pair: DevicePair;
  /** That a single tensor crosses, or none; the number of nodes before them grows. */
  readonly cuts: readonly CodedCut[];
  /** By cut: time on the first device and on its link to the second. */
  readonly steps: readonly TwoStepJob[];
}

export async function cutOptions(
  problem: Problem,
  pair: DevicePair,
  codecOf: CodecOf,
  pacer: Pacer,
): Promise<CutOptions> {
  const { graph } = problem;
  const cuts: CodedCut[] = [];
  const steps: TwoStepJob[] = [];
  await pacer();
  const stepsOf = jobSteps(problem, pair, codecOf);
  await pacer();
  for (const cut of [cutOf(graph, []), ...singleTensorCuts(graph), cutOf(graph, [...graph.nodes.keys()])]) {
    await pacer();
    const own = stepsOf(cut);
    if (own.second === Number.POSITIVE_INFINITY) continue;
    cuts.push({ ...cut, codecOf });
    steps.push(own);
  }
  return { pair, cuts, steps };
}

/** Endless where there is no link, or raw input must stay. */
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
