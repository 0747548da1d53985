import type { DeviceId } from '../cluster/cluster.ts';
import { rateAt } from '../cluster/rate-at.ts';
import { createEvaluator, type Evaluator } from '../cost/evaluate.ts';
import { canonicalJson } from '../digest.ts';
import type { Plan } from '../plan/plan.ts';
import type { Policies } from '../plan/policies.ts';
import type { Problem, SimpleObjective } from '../plan/problem.ts';
import { validatePlan } from '../plan/validate-plan.ts';
import { ask, type ChooseContext, type PlannerOutcome } from '../planner/ask.ts';
import { calibratedCuts } from '../planner/coach/calibrated-cuts.ts';
import { calibratedPolicies } from '../planner/coach/calibrated-policies.ts';
import { withExpectedBits } from '../planner/coach/expected-bits.ts';
import { contendersOf } from '../planner/contenders.ts';
import { type PlannerName, planners } from '../planner/planners.ts';
import { bitsPerSecond, seconds } from '../units.ts';

/** For which conditions plans are made beforehand: each combination. */
export interface EnvelopeGrid {
  /** All links' rates are multiplied by it. */
  readonly rateFactors: readonly number[];
  /** For one request at a time, and for a stream of them. */
  readonly objectives: readonly SimpleObjective['kind'][];
  /** Also without each device that is neither the source nor the sink. */
  readonly withoutDevices: boolean;
}

export const envelopeGrid: EnvelopeGrid = {
  rateFactors: [1, 0.5, 0.2, 0.05, 0.01, 3, 10],
  objectives: ['latency', 'period'],
  withoutDevices: true,
};

export interface EnvelopeOptions {
  readonly grid?: EnvelopeGrid;
  /** Goes before all others. @default the best for the problem as it is */
  readonly first?: Plan;
}

/**
 * The best plan of the named planners for each point of a grid of conditions, equal ones once, numbered from 1 or from `first` on: the first is for
 * the problem as it is, if there is one. All answer the problem itself. Where it is calibrated, each plan decides request by request as was
 * calibrated where it cuts, plans for all cuts that were calibrated compete as well, and all are compared by what they cost in expectation.
 * Rejects with the signal's reason when aborted.
 */
export async function planEnvelope(
  problem: Problem,
  names: readonly PlannerName[],
  context: ChooseContext,
  { grid = envelopeGrid, first }: EnvelopeOptions = {},
): Promise<readonly Plan[]> {
  const known = new Map<string, Plan>();
  const evaluator = createEvaluator(problem);
  const version = (): number => (first?.version ?? 1) + known.size;
  if (first !== undefined) known.set(keyOf(first), first);
  const points = pointsOf(problem, grid);
  for (const point of first === undefined ? [problem, ...points] : points) {
    const outcomes: PlannerOutcome[] = [];
    for (const name of names) outcomes.push(await ask(planners[name], point, context));
    const plan = bestOf(point, outcomes, context.problemDigest);
    if (plan === undefined || validatePlan(problem, plan).length > 0) continue;
    const key = keyOf(plan);
    if (!known.has(key))
      known.set(key, { ...withExpectedBits(problem, plan, evaluator), version: version() });
  }
  return [...known.values()];
}

/** Of what the planners came to, with what requests decide, and of the cuts that were calibrated. */
function bestOf(
  point: Problem,
  outcomes: readonly PlannerOutcome[],
  problemDigest: string,
): Plan | undefined {
  const evaluator = createEvaluator(point);
  const decided = outcomes.map((outcome) => withPolicies(point, outcome, evaluator));
  const cuts = calibratedCuts(point, problemDigest, evaluator).map((plan): PlannerOutcome => {
    const result = { kind: 'plan', plan, evaluations: 1, planningSeconds: seconds(0) } as const;
    return { name: plan.planner, result, report: evaluator.evaluate(plan), faults: [] };
  });
  return contendersOf(point, [...decided, ...cuts])[0]?.planned.plan;
}

function withPolicies(point: Problem, outcome: PlannerOutcome, evaluator: Evaluator): PlannerOutcome {
  const { result, report } = outcome;
  if (result.kind !== 'plan' || report === null) return outcome;
  const plan = calibratedPolicies(point, result.plan, evaluator);
  if (plan === result.plan) return outcome;
  return { ...outcome, result: { ...result, plan }, report: evaluator.evaluate(plan) };
}

/** All that says how requests run: which bits are expected how often does not, nor policies by which nothing is decided. */
const keyOf = ({ stages, transfers, frequency, mix, policies }: Plan): string =>
  canonicalJson({ stages, transfers, frequency, mix, ...followed(policies) });

function followed({ exits, precision }: Policies = {}): object {
  if (precision === undefined) return { exits };
  return { exits, precision: { ...precision, bits: precision.bits.map(({ bits }) => bits) } };
}

function pointsOf(
  problem: Problem,
  { rateFactors, objectives, withoutDevices }: EnvelopeGrid,
): readonly Problem[] {
  const { source, sink } = problem.workload;
  const others = problem.cluster.devices.map(({ id }) => id).filter((id) => id !== source && id !== sink);
  const here = [problem, ...(withoutDevices ? others.map((device) => without(problem, device)) : [])];
  return here.flatMap((some) =>
    objectives.flatMap((kind) =>
      rateFactors.map((factor) => ({ ...atRates(some, factor), objective: { kind } })),
    ),
  );
}

function atRates(problem: Problem, factor: number): Problem {
  const { cluster } = problem;
  const links = cluster.links.map((link) => {
    const rate = { kind: 'constant', bitsPerSecond: bitsPerSecond(rateAt(link, 0) * factor) } as const;
    return { ...link, rate };
  });
  return { ...problem, cluster: { ...cluster, links } };
}

function without(problem: Problem, gone: DeviceId): Problem {
  const { cluster } = problem;
  return {
    ...problem,
    cluster: {
      ...cluster,
      devices: cluster.devices.filter(({ id }) => id !== gone),
      links: cluster.links.filter(({ from, to }) => from !== gone && to !== gone),
    },
  };
}
