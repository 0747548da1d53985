import { supportsObjective } from './objective-support.ts';
import { planWhole } from './plan-whole.ts';
import type { Planner } from './planner.ts';

/** Everything where the request enters. */
export const allLocal: Planner = {
  name: 'all-local',
  paper: 'baseline',
  supports: (problem) => supportsObjective(problem, [problem.workload.source, problem.workload.sink]),
  plan: (problem, context) => planWhole('all-local', problem, context, [problem.workload.source]),
};
