import { compareByObjective, objectiveValue } from '../cost/objective-value.ts';
import type { Report } from '../cost/report.ts';
import type { Plan, Stage } from '../plan/plan.ts';
import { planOf } from '../plan/plan-of.ts';
import type { Problem } from '../plan/problem.ts';
import { validatePlan } from '../plan/validate-plan.ts';
import { seconds } from '../units.ts';
import { objections } from './contenders.ts';
import { explainedPlan } from './explained-plan.ts';
import { createPacer, type Pacer } from './pacer.ts';
import type { Planned, Planner, PlannerContext } from './planner.ts';
import { throughputOptimal } from './throughput-optimal.ts';

const mostTogether = 8;
const mostSteps = 16;
/** Of the objective's value, for one doubling: what is less does not pay for the time that requests stay longer. */
const leastGain = 0.05;

/**
 * The plan of `throughputOptimal`, and then batches: as long as a device sets the pace, one of its stages runs twice as many requests together, up to
 * eight, where that is better by a twentieth of the objective and breaks no constraint, the latency of a whole batch included. Nobody waits for a batch: where a stage sets
 * the pace, requests queue before it. Greedy: the batch that helps most comes first, and none is made smaller again.
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
  plan: async (problem, context) => {
    const started = context.clock.now();
    const evaluated = context.evaluator.evaluations;
    const first = await throughputOptimal.plan(problem, context);
    const found = first.kind === 'plan' ? await withBatches(problem, first, context) : first;
    return {
      ...found,
      evaluations: Math.max(1, context.evaluator.evaluations - evaluated),
      planningSeconds: seconds(Math.max(0, context.clock.now() - started)),
    };
  },
};

interface Candidate {
  readonly plan: Plan;
  readonly report: Report;
}

/** What the first planner proved is of plans without batches, so it is not said of these. */
async function withBatches(
  problem: Problem,
  { bound: _bound, ...first }: Planned,
  context: PlannerContext,
): Promise<Planned> {
  const pacer = createPacer(context);
  const { plan } = first;
  let best: Candidate = {
    plan: { ...plan, planner: 'batched' },
    report: context.evaluator.evaluate(plan),
  };
  for (let step = 0; step < mostSteps; step++) {
    const better = await bestBatch(problem, best, context, pacer);
    if (better === null) break;
    best = better;
  }
  return { ...first, plan: explainedPlan(problem, best.plan, best.report, null) };
}

async function bestBatch(
  problem: Problem,
  from: Candidate,
  context: PlannerContext,
  pacer: Pacer,
): Promise<Candidate | null> {
  let best: Candidate | null = null;
  for (const stages of stagesWithLargerBatch(from)) {
    await pacer();
    const plan = planOf(problem, context.problemDigest, stages, 'batched');
    if (validatePlan(problem, plan).length > 0) continue;
    const report = context.evaluator.evaluate(plan);
    if (objections(problem.objective, report).length > 0) continue;
    if (!isWorthwhile(problem, report, from.report)) continue;
    if (best === null || compareByObjective(problem.objective, report, best.report) < 0)
      best = { plan, report };
  }
  return best;
}

function isWorthwhile({ objective }: Problem, report: Report, before: Report): boolean {
  return objectiveValue(objective, report) <= (1 - leastGain) * objectiveValue(objective, before);
}

function* stagesWithLargerBatch({ plan, report }: Candidate): Generator<readonly Stage[]> {
  const busiest = report.devices.find(({ busySeconds }) => busySeconds === report.periodSeconds);
  for (const [at, stage] of plan.stages.entries()) {
    if (stage.device !== busiest?.device) continue;
    const batch = 2 * (stage.batch ?? 1);
    if (batch <= mostTogether) yield plan.stages.with(at, { ...stage, batch });
  }
}
