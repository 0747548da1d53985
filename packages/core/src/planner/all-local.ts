import { cutOf } from '../graph/cut.ts';
import { supportsObjective } from './objective-support.ts';
import { planTwoStages } from './plan-two-stages.ts';
import type { Planner } from './planner.ts';

/** Everything where the request enters. */
export const allLocal: Planner = {
  name: 'all-local',
  paper: 'baseline',
  supports: (problem) => supportsObjective(problem, [problem.workload.source, problem.workload.sink]),
  plan: (problem, context) => {
    const whole = cutOf(problem.graph, [...problem.graph.nodes.keys()]);
    const { source } = problem.workload;
    return planTwoStages('all-local', problem, context, [whole], [{ first: source, second: source }]);
  },
};
