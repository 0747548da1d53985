import { objectiveValue } from '../cost/objective-value.ts';
import type { Report } from '../cost/report.ts';
import type { Cut, NodeId } from '../graph/graph.ts';
import type { Plan } from '../plan/plan.ts';
import { type CodecOf, planOf } from '../plan/plan-of.ts';
import type { Problem } from '../plan/problem.ts';
import { type Seconds, seconds } from '../units.ts';
import { ClosestMiss } from './closest-miss.ts';
import { explainedPlan } from './explained-plan.ts';
import { pacedSort } from './paced-sort.ts';
import { createPacer, type Pacer } from './pacer.ts';
import { placementText, type RunnerUp, samePlacement } from './placement-text.ts';
import type { PlannerContext, PlanResult } from './planner.ts';
import { type DevicePair, type TwoStageCost, TwoStageCosts } from './two-stage-costs.ts';

/** Runner-ups are looked for among this many of the next best candidates; more would cost more than they tell. */
const runnerUpCandidates = 64;

/** A cut, and how what crosses it travels. */
export interface CodedCut extends Cut {
  /** @default raw */
  readonly codecOf?: CodecOf;
}

interface Candidate extends TwoStageCost, DevicePair {
  readonly cut: CodedCut;
  readonly cutIndex: number;
}

interface PricedPlan {
  readonly plan: Plan;
  readonly report: Report;
}

/** The same cuts for every pair of devices, or what a search finds for each. */
export type CutsToTry =
  | readonly CodedCut[]
  | ((pair: DevicePair, pacer: Pacer) => Promise<readonly CodedCut[]>);

/**
 * The best feasible way to run one of `cuts` on one of `pairs`. Every candidate is scored by prefix sums, then `evaluate` is asked
 * in that order until one is feasible; the objective's value of its report is the claim. Ties: lower latency, fewer bytes sent, then the earlier cut, then the smaller
 * device id. O(cuts × pairs) scores.
 */
export async function planTwoStages(
  planner: string,
  problem: Problem,
  context: PlannerContext,
  cuts: CutsToTry,
  pairs: readonly DevicePair[],
): Promise<PlanResult> {
  const started = context.clock.now();
  const evaluated = context.evaluator.evaluations;
  const pacer = createPacer(context);
  await pacer();
  const ranked = await rank(problem, cuts, pairs, pacer);
  const found = await firstFeasible(planner, problem, context, ranked, pacer);
  const spent = {
    evaluations: context.evaluator.evaluations - evaluated,
    planningSeconds: elapsed(context, started),
  };
  if (typeof found === 'string') return { kind: 'infeasible', reason: found, ...spent };
  return { kind: 'plan', plan: found, ...spent };
}

async function rank(
  problem: Problem,
  cuts: CutsToTry,
  pairs: readonly DevicePair[],
  pacer: Pacer,
): Promise<Candidate[]> {
  const costs = new TwoStageCosts(problem);
  await pacer();
  const candidates: Candidate[] = [];
  for (const pair of pairs) {
    const own = typeof cuts === 'function' ? await cuts(pair, pacer) : cuts;
    for (const [cutIndex, cut] of own.entries()) {
      await pacer();
      candidates.push({ ...pair, cut, cutIndex, ...costs.cost(cut, pair, cut.codecOf) });
    }
  }
  return pacedSort(candidates, byPreference, pacer);
}

function byPreference(left: Candidate, right: Candidate): number {
  for (const [index, value] of left.objective.entries()) {
    const other = right.objective[index] ?? 0;
    // Infinity − Infinity is NaN, so values are compared and not subtracted.
    if (value !== other) return value < other ? -1 : 1;
  }
  if (left.latencySeconds !== right.latencySeconds)
    return left.latencySeconds < right.latencySeconds ? -1 : 1;
  return (
    left.bytesSent - right.bytesSent ||
    left.cutIndex - right.cutIndex ||
    compareText(left.first, right.first) ||
    compareText(left.second, right.second)
  );
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** The explained plan, or the reason why there is none. */
async function firstFeasible(
  planner: string,
  problem: Problem,
  context: PlannerContext,
  ranked: readonly Candidate[],
  pacer: Pacer,
): Promise<Plan | string> {
  const misses = new ClosestMiss(problem);
  for (const [index, candidate] of ranked.entries()) {
    await pacer();
    // It needs links that do not exist: one such plan is enough to tell of.
    if (candidate.latencySeconds === Number.POSITIVE_INFINITY && misses.count > 0) continue;
    const priced = price(planner, problem, context, candidate);
    if (priced.report.violations.length === 0) {
      const others = ranked.slice(index + 1, index + 1 + runnerUpCandidates);
      const runnerUp = await findRunnerUp(planner, problem, context, priced.plan, others, pacer);
      await pacer();
      return explainedPlan(problem, priced.plan, priced.report, runnerUp);
    }
    misses.add(priced.plan, priced.report);
  }
  return misses.reason();
}

async function findRunnerUp(
  planner: string,
  problem: Problem,
  context: PlannerContext,
  best: Plan,
  others: readonly Candidate[],
  pacer: Pacer,
): Promise<RunnerUp | null> {
  for (const candidate of others) {
    await pacer();
    const { plan, report } = price(planner, problem, context, candidate);
    if (report.violations.length > 0 || samePlacement(plan, best)) continue;
    await pacer();
    return { name: placementText(problem, plan), value: objectiveValue(problem.objective, report) };
  }
  return null;
}

function price(planner: string, problem: Problem, context: PlannerContext, candidate: Candidate): PricedPlan {
  const plan = cutPlan(planner, problem, context, candidate, candidate.cut);
  return { plan, report: context.evaluator.evaluate(plan) };
}

/** Not explained, and claims nothing. */
export function cutPlan(
  planner: string,
  problem: Problem,
  { problemDigest }: Pick<PlannerContext, 'problemDigest'>,
  { first, second }: DevicePair,
  cut: CodedCut,
): Plan {
  const stages = [
    { device: first, nodes: cut.nodes },
    { device: second, nodes: nodesBehind(problem, cut) },
  ];
  const { codecOf } = cut;
  const options = codecOf === undefined ? {} : { codecOf };
  return planOf(problem, problemDigest, stages, planner, options);
}

function nodesBehind({ graph }: Problem, cut: Cut): NodeId[] {
  const before = new Set(cut.nodes);
  return [...graph.nodes.keys()].filter((node) => !before.has(node));
}

function elapsed(context: PlannerContext, started: Seconds): Seconds {
  return seconds(Math.max(0, context.clock.now() - started));
}
