import { UnsupportedError } from '../errors.ts';
import { allCuts } from '../graph/all-cuts.ts';
import type { Cut } from '../graph/graph.ts';
import type { Problem } from '../plan/problem.ts';
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
    const cuts = cutsWithin(problem);
    return typeof cuts === 'string' ? { yes: false, reason: cuts } : { yes: true };
  },
  plan: async (problem, context) => {
    const cuts = cutsWithin(problem);
    if (typeof cuts !== 'string')
      return planTwoStages('exhaustive', problem, context, cuts, orderedPairs(problem));
    throw new UnsupportedError(cuts, 'Ask `supports` first, or use another planner.');
  },
};

/** The cuts, or why they are not tried. */
function cutsWithin(problem: Problem): readonly Cut[] | string {
  const pairs = orderedPairs(problem).length;
  if (pairs === 0)
    return `The cluster '${problem.cluster.name}' has one device, so there is nothing to choose.`;
  const limit = Math.floor(mostCandidates / pairs);
  try {
    return allCuts(problem.graph, limit);
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    return `The graph '${problem.graph.name}' has more than ${limit} cuts, the most that are tried on ${pairs} pairs of devices.`;
  }
}

function orderedPairs({ cluster }: Problem): DevicePair[] {
  const ids = cluster.devices.map(({ id }) => id);
  return ids.flatMap((first) => ids.filter((id) => id !== first).map((second) => ({ first, second })));
}
