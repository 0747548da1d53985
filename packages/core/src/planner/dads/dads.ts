import { costTables } from '../../cost/cost-tables.ts';
import { cutOf } from '../../graph/cut.ts';
import type { Cut } from '../../graph/graph.ts';
import type { Problem } from '../../plan/problem.ts';
import type { Pacer } from '../pacer.ts';
import { planTwoStages } from '../plan-two-stages.ts';
import type { Planner } from '../planner.ts';
import { serverPairs, supportsServers } from '../server-pairs.ts';
import type { DevicePair } from '../two-stage-costs.ts';
import { balancedCut, periodCosts } from './balanced-cut.ts';
import { PartitionNetwork } from './partition-network.ts';

const paper = 'DADS: Hu et al., INFOCOM 2019';

/**
 * DADS under light load: the partition between the source and a server that minimises the sum of the device's, the link's and the
 * server's times, by minimum cut; exact among all cuts of the graph for that sum. The cost model lets them overlap, so its latency is
 * at most the sum. Of equal cuts, the two extremal ones are priced. Memory is not looked at: a plan that overflows is not feasible.
 */
export const dadsLight: Planner = {
  name: 'dads-light',
  paper,
  supports: supportsServers,
  plan: (problem, context) =>
    planTwoStages('dads-light', problem, context, lightCuts(problem), serverPairs(problem)),
};

/**
 * DADS under heavy load: minimises the longest of device, link and server time, NP-hard in general, by weighted sums. With memory for
 * everything it is at most k times the optimum, where k things are busy under the optimal plan: the cut of least unweighted sum is among
 * those tried, its period is at most that sum, the sum is at most the optimal plan's, and that at most k periods. k is at most three in
 * the paper (device, link, server), four where the answer goes home over a link of its own, five where it is wanted on a third device,
 * to which a link leads from each of the two. See `balancedCut`.
 */
export const dadsHeavy: Planner = {
  name: 'dads-heavy',
  paper,
  supports: supportsServers,
  plan: (problem, context) => {
    const costs = periodCosts(problem);
    return planTwoStages(
      'dads-heavy',
      problem,
      context,
      (pair, pacer) => balancedCut(problem, costs, pair, pacer),
      serverPairs(problem),
    );
  },
};

function lightCuts(problem: Problem): (pair: DevicePair, pacer: Pacer) => Promise<readonly Cut[]> {
  const tables = costTables(problem);
  return async (pair, pacer) => {
    await pacer();
    const network = new PartitionNetwork(problem, tables, pair);
    await pacer();
    const { value, fewest, most } = network.leastCuts({ first: 1, second: 1 });
    await pacer();
    if (value === Number.POSITIVE_INFINITY) return [];
    return [cutOf(problem.graph, fewest), cutOf(problem.graph, most)];
  };
}
