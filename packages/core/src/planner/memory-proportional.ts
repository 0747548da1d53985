import { planPlacement } from './plan-placement.ts';
import type { Planner } from './planner.ts';
import { proportionalSplit } from './proportional-split.ts';
import { supportsServers } from './server-pairs.ts';
import { sourceFirst } from './source-first.ts';

/**
 * Elements in proportion to the devices' memory, the largest device first: the rule of exo (github.com/exo-explore/exo). It looks at
 * neither speed nor links, and counts elements instead of bytes, so a plan of it may overflow the memory that it is named after.
 */
export const memoryProportional: Planner = {
  name: 'memory-proportional',
  paper: 'exo: ring memory weighted partitioning',
  supports: supportsServers,
  plan: async (problem, context) => {
    const devices = sourceFirst(problem).sort((left, right) => right.memoryBytes - left.memoryBytes);
    const shares = devices.map(({ id, memoryBytes }) => ({ device: id, weight: memoryBytes }));
    return planPlacement('memory-proportional', problem, context, proportionalSplit(problem.graph, shares));
  },
};
