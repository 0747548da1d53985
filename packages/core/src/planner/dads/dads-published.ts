import { costTables } from '../../cost/cost-tables.ts';
import { stagesOfDevices } from '../../plan/stages-of-devices.ts';
import { createPacer } from '../pacer.ts';
import { planPlacement } from '../plan-placement.ts';
import type { Planner } from '../planner.ts';
import { serverPairs, supportsServers } from '../server-pairs.ts';
import { PartitionNetwork } from './partition-network.ts';

/**
 * DADS under light load by the network as published, which charges nothing for tensors that return from the server. The cut is the
 * server's whose network has the least value; what it really costs, the ways back included, is for `evaluate` to say.
 */
export const dadsPublished: Planner = {
  name: 'dads-published',
  paper: 'DADS: Hu et al., INFOCOM 2019, to the letter',
  supports: supportsServers,
  plan: async (problem, context) => {
    const pacer = createPacer(context);
    const tables = costTables(problem);
    let best = {
      value: Number.POSITIVE_INFINITY,
      local: problem.graph.nodes.map(({ id }) => id),
      server: '',
    };
    for (const pair of serverPairs(problem)) {
      await pacer();
      const network = new PartitionNetwork(problem, tables, pair, { downwardClosed: false });
      await pacer();
      const { value, fewest } = network.leastCuts({ first: 1, second: 1 });
      if (value < best.value) best = { value, local: [...fewest], server: pair.second };
    }
    await pacer();
    const local = new Set(best.local);
    const { source } = problem.workload;
    const stages = stagesOfDevices(problem.graph, (node) => (local.has(node) ? source : best.server));
    return planPlacement('dads-published', problem, context, stages);
  },
};
