import { UnsupportedError } from '../errors.ts';
import { bySizeThenNodes, eachCut, hasFewCuts } from '../graph/all-cuts.ts';
import type { Cut } from '../graph/graph.ts';
import type { Problem } from '../plan/problem.ts';
import { supportsObjective } from './objective-support.ts';
import { pacedSort } from './paced-sort.ts';
import { createPacer } from './pacer.ts';
import { planTwoStages } from './plan-two-stages.ts';
import type { Planner } from './planner.ts';
import type { DevicePair } from './two-stage-costs.ts';

/** Cuts × ordered pairs of devices that are tried at most: 2^16 cuts between two devices. */
const mostCandidates = 2 ** 17;

/**
 * Every cut of the graph (every downward-closed node set) between every ordered pair of devices, the empty and the whole one
 * included: the optimum of that family, and the oracle that other planners are held against.
 */
export const exhaustive: Planner = {
  name: 'exhaustive',
  paper: 'baseline',
  supports: (problem) => {
    const reason = whyNot(problem);
    if (reason !== null) return { yes: false, reason };
    return supportsObjective(
      problem,
      problem.cluster.devices.map(({ id }) => id),
    );
  },
  plan: async (problem, context) => {
    if (orderedPairs(problem).length === 0)
      throw new UnsupportedError(oneDevice(problem), 'Ask `supports` first, or use another planner.');
    const pacer = createPacer(context);
    const cuts: Cut[] = [];
    for (const cut of eachCut(problem.graph, mostCuts(problem))) {
      cuts.push(cut);
      await pacer();
    }
    const ordered = await pacedSort(cuts, bySizeThenNodes, pacer);
    const result = await planTwoStages('exhaustive', problem, context, ordered, orderedPairs(problem));
    if (result.kind === 'infeasible' || result.plan.claim === undefined) return result;
    return { ...result, bound: result.plan.claim };
  },
};

function whyNot(problem: Problem): string | null {
  const { graph } = problem;
  const pairs = orderedPairs(problem).length;
  if (pairs === 0) return oneDevice(problem);
  const limit = mostCuts(problem);
  if (hasFewCuts(graph, limit)) return null;
  return `The graph '${graph.name}' has more than ${limit} cuts, the most that are tried on ${pairs} pairs of devices.`;
}

const oneDevice = ({ cluster }: Problem): string =>
  `The cluster '${cluster.name}' has one device, so there is nothing to choose.`;

const mostCuts = (problem: Problem): number => Math.floor(mostCandidates / orderedPairs(problem).length);

function orderedPairs({ cluster }: Problem): DevicePair[] {
  const ids = cluster.devices.map(({ id }) => id);
  return ids.flatMap((first) => ids.filter((id) => id !== first).map((second) => ({ first, second })));
}
