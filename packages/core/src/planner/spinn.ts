import { cutOf } from '../graph/cut.ts';
import type { Graph, TensorId } from '../graph/graph.ts';
import { singleTensorCuts } from '../graph/single-tensor-cuts.ts';
import type { Problem } from '../plan/problem.ts';
import type { TransferCodec } from '../plan/transfer-codec.ts';
import { codedCrossing } from './coded-crossing.ts';
import { type CodedCut, planTwoStages } from './plan-two-stages.ts';
import type { Planner } from './planner.ts';
import { serverPairs, supportsServers } from './server-pairs.ts';

const eightBits: TransferCodec = { kind: 'affine', bits: 8, perChannel: false };
/** ReLU, and ReLU6 as exporters write it. */
const rectifiers: ReadonlySet<string> = new Set(['Relu', 'Clip']);

/**
 * SPINN without early exits: the best of the cuts behind a rectifier, where activations are sparse, and of none and all of the graph
 * before the cut, by the problem's objective; what crosses is sent in 8 bits, one range a tensor. That is Neurosurgeon on these cuts
 * with 8 bits.
 *
 * Differs from the paper in that no classifier inside the network answers early, because models carry none here and thresholds need
 * calibration data; and in that no lossless coding follows, whose ratio depends on the data.
 */
export const spinn: Planner = {
  name: 'spinn',
  paper: 'SPINN: Laskaridis et al., MobiCom 2020, without early exits',
  lossy: true,
  supports: supportsServers,
  plan: (problem, context) =>
    planTwoStages('spinn', problem, context, rectifiedCuts(problem), serverPairs(problem)),
};

function rectifiedCuts(problem: Problem): readonly CodedCut[] {
  const { graph } = problem;
  const inner = singleTensorCuts(graph).filter(({ boundary }) =>
    boundary.every((id) => isRectified(graph, id)),
  );
  const codecOf = codedCrossing(problem, eightBits);
  const everything = [...graph.nodes.keys()];
  return [cutOf(graph, []), ...inner, cutOf(graph, everything)].map((cut) => ({ ...cut, codecOf }));
}

/** Whether a rectifier yields the tensor, or what is folded into one. */
function isRectified({ nodes, tensors }: Graph, tensor: TensorId): boolean {
  const producer = tensors[tensor]?.producer;
  if (typeof producer !== 'number') return false;
  const node = nodes[producer];
  const root = nodes[node?.foldedInto ?? producer];
  return root !== undefined && root.domain === '' && rectifiers.has(root.op);
}
