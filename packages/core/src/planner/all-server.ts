import { planWhole } from './plan-whole.ts';
import type { Planner } from './planner.ts';
import { serverPairs, supportsServers } from './server-pairs.ts';

/** Everything on the best device other than the one where the request enters; the graph's inputs are sent. */
export const allServer: Planner = {
  name: 'all-server',
  paper: 'baseline',
  supports: supportsServers,
  plan: (problem, context) => {
    const servers = serverPairs(problem).map(({ second }) => second);
    return planWhole('all-server', problem, context, servers);
  },
};
