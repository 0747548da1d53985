import { planPlacement } from './plan-placement.ts';
import type { Planner } from './planner.ts';
import { proportionalSplit } from './proportional-split.ts';
import { supportsServers } from './server-pairs.ts';
import { sourceFirst } from './source-first.ts';

/** As many elements of the chain on every device, whatever the devices and the elements are: the split of those who look at neither. */
export const evenSplit: Planner = {
  name: 'even-split',
  paper: 'baseline',
  supports: supportsServers,
  plan: async (problem, context) => {
    const shares = sourceFirst(problem).map(({ id }) => ({ device: id, weight: 1 }));
    return planPlacement('even-split', problem, context, proportionalSplit(problem.graph, shares));
  },
};
