import { compareByObjective, objectiveValue } from '../../cost/objective-value.ts';
import type { Report } from '../../cost/report.ts';
import { partAtExits } from '../../plan/part-at-exits.ts';
import type { Plan } from '../../plan/plan.ts';
import { planOf } from '../../plan/plan-of.ts';
import type { ExitPolicy } from '../../plan/policies.ts';
import type { Problem } from '../../plan/problem.ts';
import { seconds } from '../../units.ts';
import { ClosestMiss } from '../closest-miss.ts';
import { explainedPlan } from '../explained-plan.ts';
import { createPacer } from '../pacer.ts';
import { placementText } from '../placement-text.ts';
import type { CodedCut } from '../plan-two-stages.ts';
import type { PlannerContext, PlanResult } from '../planner.ts';
import type { DevicePair } from '../two-stage-costs.ts';

interface Candidate {
  readonly plan: Plan;
  readonly report: Report;
  readonly cut: CodedCut;
  readonly pair: DevicePair;
}

/**
 * The best feasible way to run one of `cuts` on one of `pairs` with one of `settings` or without exits, each priced by `evaluate`. Ties:
 * lower latency, fewer bytes sent, then the one tried first: by pair, cut and setting, no exits before all. O(pairs × cuts × settings)
 * evaluations.
 */
export async function planCutAndExits(
  planner: string,
  problem: Problem,
  context: PlannerContext,
  cuts: readonly CodedCut[],
  pairs: readonly DevicePair[],
  settings: readonly ExitPolicy[],
): Promise<PlanResult> {
  const started = context.clock.now();
  const evaluated = context.evaluator.evaluations;
  const pacer = createPacer(context);
  const misses = new ClosestMiss(problem);
  const bests: Candidate[] = [];
  for (const pair of pairs) {
    for (const cut of cuts) {
      let best: Candidate | null = null;
      for (const setting of [null, ...settings]) {
        await pacer();
        const plan = cutWithExits(planner, problem, context.problemDigest, cut, pair, setting);
        const report = context.evaluator.evaluate(plan);
        const candidate = { plan, report, cut, pair };
        if (report.violations.length > 0) misses.add(plan, report);
        else if (best === null || isBetter(problem, candidate, best)) best = candidate;
      }
      if (best !== null) bests.push(best);
    }
  }
  await pacer();
  const spent = {
    evaluations: context.evaluator.evaluations - evaluated,
    planningSeconds: seconds(Math.max(0, context.clock.now() - started)),
  };
  const best = bestOf(problem, bests);
  if (best === null) return { kind: 'infeasible', reason: misses.reason(), ...spent };
  const second = bestOf(
    problem,
    bests.filter((candidate) => candidate !== best),
  );
  const { objective } = problem;
  const runnerUp =
    second === null
      ? null
      : { name: placementText(problem, second.plan), value: objectiveValue(objective, second.report) };
  return { kind: 'plan', plan: explainedPlan(problem, best.plan, best.report, runnerUp), ...spent };
}

function cutWithExits(
  planner: string,
  problem: Problem,
  problemDigest: string,
  { nodes, codecOf }: CodedCut,
  { first, second }: DevicePair,
  exits: ExitPolicy | null,
): Plan {
  const before = new Set(nodes);
  const stages = [
    { device: first, nodes },
    { device: second, nodes: [...problem.graph.nodes.keys()].filter((node) => !before.has(node)) },
  ];
  const coding = codecOf === undefined ? {} : { codecOf };
  if (exits === null) return planOf(problem, problemDigest, stages, planner, coding);
  const parted = partAtExits(problem, stages, exits.points);
  return planOf(problem, problemDigest, parted, planner, { ...coding, policies: { exits } });
}

/** The first of equals. */
function bestOf(problem: Problem, candidates: readonly Candidate[]): Candidate | null {
  return candidates.reduce<Candidate | null>(
    (best, candidate) => (best === null || isBetter(problem, candidate, best) ? candidate : best),
    null,
  );
}

function isBetter({ objective }: Problem, left: Candidate, right: Candidate): boolean {
  const order =
    compareByObjective(objective, left.report, right.report) ||
    left.report.latencySeconds - right.report.latencySeconds ||
    left.report.bytesSent - right.report.bytesSent;
  return order < 0;
}
