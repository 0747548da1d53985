import { objectiveValue } from '../cost/objective-value.ts';
import type { Stage } from '../plan/plan.ts';
import { improvedStages, type PricedPlan } from './improved-stages.ts';
import type { Planner } from './planner.ts';
import { throughputOptimal } from './throughput-optimal.ts';

const mostTogether = 8;
const mostSteps = 16;
/** Of the objective's value, for one doubling: what is less does not pay for the time that requests stay longer. */
const leastGain = 0.05;

/**
 * The plan of `throughputOptimal`, and then batches: as long as a device sets the pace, one of its stages runs twice as many requests together, up to
 * eight, where that is better by a twentieth of the objective and breaks no constraint, the latency of a whole batch included. Nobody waits for a batch: where a stage sets
 * the pace, requests queue before it.
 */
export const batched: Planner = {
  name: 'batched',
  paper: 'PipeEdge: Hu et al., 2022, with batches in its slowest stages',
  lossy: true,
  supports: (problem) => {
    if ((problem.batchable ?? []).length > 0) return throughputOptimal.supports(problem);
    const reason = `Nothing of ${problem.graph.name} is known to keep the rows of a batch apart: export it with an open batch.`;
    return { yes: false, reason };
  },
  plan: (problem, context) =>
    improvedStages(problem, context, {
      planner: 'batched',
      mostSteps,
      steps: stagesWithLargerBatch,
      isBetter: (report, before) => {
        const value = (of: typeof report): number => objectiveValue(problem.objective, of);
        return value(report) <= (1 - leastGain) * value(before);
      },
    }),
};

function* stagesWithLargerBatch({ plan, report }: PricedPlan): Generator<readonly Stage[]> {
  const busiest = report.devices.find(({ busySeconds }) => busySeconds === report.periodSeconds);
  for (const [at, stage] of plan.stages.entries()) {
    if (stage.device !== busiest?.device) continue;
    const batch = 2 * (stage.batch ?? 1);
    if (batch <= mostTogether) yield plan.stages.with(at, { ...stage, batch });
  }
}
