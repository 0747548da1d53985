import { cutOf } from '../../graph/cut.ts';
import type { Graph, TensorId } from '../../graph/graph.ts';
import { singleTensorCuts } from '../../graph/single-tensor-cuts.ts';
import type { ExitTable } from '../../plan/exit-table.ts';
import type { ExitPolicy } from '../../plan/policies.ts';
import type { Problem } from '../../plan/problem.ts';
import type { TransferCodec } from '../../plan/transfer-codec.ts';
import { codedCrossing } from '../coded-crossing.ts';
import { type CodedCut, planTwoStages } from '../plan-two-stages.ts';
import type { Planner } from '../planner.ts';
import { serverPairs, supportsServers } from '../server-pairs.ts';
import { planCutAndExits } from './plan-cut-and-exits.ts';

const eightBits: TransferCodec = { kind: 'affine', bits: 8, perChannel: false };
/** ReLU, and ReLU6 as exporters write it. */
const rectifiers: ReadonlySet<string> = new Set(['Relu', 'Clip']);

/**
 * SPINN: the best of the cuts behind a rectifier, where activations are sparse, and of none and all of the graph before the cut, by the
 * problem's objective; what crosses is sent in 8 bits, one range a tensor. Where the problem has a table of exits, the cut is chosen
 * together with one of its settings (a threshold that all classifiers inside the network share), or none, by what the plan costs in
 * expectation; constraints hold the request that stays. Without a table it is Neurosurgeon on these cuts with 8 bits.
 *
 * Differs from the paper in that no lossless coding follows, whose ratio depends on the data, and in that figures of a lexicographic
 * objective are equal only where they are the same.
 */
export const spinn: Planner = {
  name: 'spinn',
  paper: 'SPINN: Laskaridis et al., MobiCom 2020',
  lossy: true,
  supports: (problem) => {
    const servers = supportsServers(problem);
    if (!servers.yes || problem.exits === undefined || isWithoutHeads(problem.exits)) return servers;
    return spinnSettings(problem.exits).length > 0
      ? servers
      : { yes: false, reason: unusable(problem.exits) };
  },
  plan: (problem, context) => {
    const cuts = rectifiedCuts(problem);
    const pairs = serverPairs(problem);
    if (problem.exits === undefined || isWithoutHeads(problem.exits))
      return planTwoStages('spinn', problem, context, cuts, pairs);
    return planCutAndExits('spinn', problem, context, cuts, pairs, spinnSettings(problem.exits));
  },
};

/** Those in which every exit is a classifier and one threshold holds for all. */
function spinnSettings({ settings }: ExitTable): readonly ExitPolicy[] {
  return settings.filter(({ points }) =>
    points.every(({ kind, threshold }) => kind === 'confidence' && threshold === points[0]?.threshold),
  );
}

/** A table of centres alone says nothing of classifiers. */
const isWithoutHeads = ({ heads }: ExitTable): boolean =>
  heads.length > 0 && heads.every(({ kind }) => kind === 'centres');

function unusable({ settings }: ExitTable): string {
  if (settings.length === 0)
    return 'The table of exits has no settings: shares and accuracy at a threshold must be measured first.';
  return (
    `None of the ${settings.length} settings of the table of exits has one threshold for classifiers at all its exits, ` +
    `and SPINN chooses among such.`
  );
}

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
