import type { DeviceId } from '../cluster/cluster.ts';
import { compareByObjective, objectiveValue } from '../cost/objective-value.ts';
import type { Report } from '../cost/report.ts';
import type { Plan } from '../plan/plan.ts';
import { planOf } from '../plan/plan-of.ts';
import type { Problem } from '../plan/problem.ts';
import { seconds } from '../units.ts';
import { ClosestMiss } from './closest-miss.ts';
import { explainedPlan } from './explained-plan.ts';
import { createPacer } from './pacer.ts';
import { placementText } from './placement-text.ts';
import type { PlannerContext, PlanResult } from './planner.ts';

interface PricedPlan {
  readonly plan: Plan;
  readonly report: Report;
}

/** The best feasible way to run everything on one of `devices`. Ties: lower latency, fewer bytes sent, then the smaller device id. One evaluation each. */
export async function planWhole(
  planner: string,
  problem: Problem,
  context: PlannerContext,
  devices: readonly DeviceId[],
): Promise<PlanResult> {
  const started = context.clock.now();
  const { graph, objective } = problem;
  const pacer = createPacer(context);
  const nodes = [...graph.nodes.keys()];
  const misses = new ClosestMiss(problem);
  const priced: PricedPlan[] = [];
  for (const device of [...devices].sort()) {
    await pacer();
    const plan = planOf(problem, context.problemDigest, [{ device, nodes }], planner);
    await pacer();
    const report = context.evaluator.evaluate(plan);
    if (report.violations.length === 0) priced.push({ plan, report });
    else misses.add(plan, report);
  }
  const [best, second] = priced.sort(
    (left, right) =>
      compareByObjective(objective, left.report, right.report) ||
      left.report.latencySeconds - right.report.latencySeconds ||
      left.report.bytesSent - right.report.bytesSent,
  );
  const runnerUp =
    second === undefined
      ? null
      : { name: placementText(problem, second.plan), value: objectiveValue(objective, second.report) };
  const spent = {
    evaluations: devices.length,
    planningSeconds: seconds(Math.max(0, context.clock.now() - started)),
  };
  await pacer();
  return best === undefined
    ? { kind: 'infeasible', reason: misses.reason(), ...spent }
    : { kind: 'plan', plan: explainedPlan(problem, best.plan, best.report, runnerUp), ...spent };
}
