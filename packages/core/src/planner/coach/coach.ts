import { objectiveValue } from '../../cost/objective-value.ts';
import type { Report } from '../../cost/report.ts';
import { singleTensorCuts } from '../../graph/single-tensor-cuts.ts';
import { isUncalibrated } from '../../plan/accuracy.ts';
import { partForOverlap } from '../../plan/part-for-overlap.ts';
import type { Plan } from '../../plan/plan.ts';
import { planOf } from '../../plan/plan-of.ts';
import type { Problem } from '../../plan/problem.ts';
import { seconds } from '../../units.ts';
import { ClosestMiss } from '../closest-miss.ts';
import { explainedPlan } from '../explained-plan.ts';
import { createPacer, type Pacer } from '../pacer.ts';
import { placementText, type RunnerUp, samePlacement } from '../placement-text.ts';
import type { Planner, PlannerContext, PlanResult } from '../planner.ts';
import { serverPairs, supportsServers } from '../server-pairs.ts';
import type { DevicePair } from '../two-stage-costs.ts';
import { adaptivePolicies } from './adaptive-policies.ts';
import { type CoachCandidate, coachCandidates } from './coach-candidates.ts';
import { type CoachForm, coachScore, compareScores, keepsOverlap, reportedTimes } from './coach-score.ts';

/** Of each pair of devices this many feasible partitions are compared by their exact schedules, overlap included. */
const compared = 12;
const eightBits = { kind: 'affine', bits: 8, perChannel: false } as const;

/**
 * COACH's offline partition (joint cut and precision) between the source and a server, as far as the paper can be reconstructed: it
 * minimises max(Te, Tt, Tc) + Bc + Bt, whatever the problem's objective, which is what the plan claims and what decides between servers.
 *
 * A tensor takes the fewest bits of the affine codec that cost at most 0.5 % of the answers (or `constraints.accuracyLoss`), more where
 * the score falls: bubbles are filled with precision. Chains are solved exactly; inside blocks `searchBlock` promises no optimum.
 * Where the cut is calibrated, requests leave there by its centres and cross with bits of their own, as the plan's figures then expect.
 * Constraint (3) is `constraints.latencySeconds`; where no partition keeps (4), it is dropped. Stages are parted, so that tensors leave
 * while their device goes on.
 */
export const coach: Planner = coachPlanner('coach', 'sum');

/** The same with the longest stage first, then the bubbles, then latency: the sum may prefer longer stages that idle less. */
export const coachLex: Planner = coachPlanner('coach-lex', 'in-turn');

function coachPlanner(name: string, form: CoachForm): Planner {
  return {
    name,
    paper: 'COACH: Gao et al., offline partition, reconstructed',
    lossy: true,
    supports: supportsServers,
    plan: async (problem, context) => {
      const started = context.clock.now();
      const evaluated = context.evaluator.evaluations;
      const found = await bestOfServers(name, form, problem, context);
      const spent = {
        evaluations: context.evaluator.evaluations - evaluated,
        planningSeconds: seconds(Math.max(0, context.clock.now() - started)),
      };
      return typeof found === 'string'
        ? { kind: 'infeasible', reason: found, ...spent }
        : ({ kind: 'plan', plan: found, ...spent } satisfies PlanResult);
    },
  };
}

interface Priced {
  readonly plan: Plan;
  readonly report: Report;
  readonly keeps: boolean;
  readonly score: readonly number[];
}

/** The explained plan, or why there is none. */
async function bestOfServers(
  name: string,
  form: CoachForm,
  problem: Problem,
  context: PlannerContext,
): Promise<Plan | string> {
  const pacer = createPacer(context);
  const misses = new ClosestMiss(problem);
  const value = ({ report }: Priced): number => objectiveValue(problem.objective, report);
  let best: Priced | null = null;
  const seen: Priced[] = [];
  for (const pair of serverPairs(problem)) {
    await pacer();
    const candidates = await coachCandidates(problem, pair, form, pacer);
    const price = (candidate: CoachCandidate): Priced =>
      priced(name, form, problem, context, pair, candidate);
    const feasible = await feasibleOf(candidates, price, misses, pacer);
    seen.push(...feasible);
    const own = bestOf(feasible);
    if (own !== null && (best === null || value(own) < value(best))) best = own;
  }
  if (best === null) return misses.reason();
  const { plan, report, note } = adaptivePolicies(problem, best, context.evaluator);
  const explained = explainedPlan(problem, plan, report, runnerUpOf(problem, best, seen));
  const sentence = [explained.why.sentence, note, uncalibratedText(problem)].join('');
  return { ...explained, why: { ...explained.why, sentence } };
}

/** That some cuts were left out of the choice of bits, if so. */
function uncalibratedText(problem: Problem): string {
  const cuts = singleTensorCuts(problem.graph);
  const unknown = cuts.filter(({ boundary }) =>
    boundary.some((tensor) => isUncalibrated(problem, tensor, eightBits)),
  );
  return unknown.length === 0
    ? ''
    : ` Of ${unknown.length} of ${cuts.length} cuts nothing was calibrated: there tensors may travel raw only.`;
}

/** The first feasible candidates, and at least one that a single tensor crosses where there is one. */
async function feasibleOf(
  candidates: readonly CoachCandidate[],
  price: (candidate: CoachCandidate) => Priced,
  misses: ClosestMiss,
  pacer: Pacer,
): Promise<readonly Priced[]> {
  const feasible: Priced[] = [];
  let hasThin = false;
  for (const candidate of candidates) {
    if (feasible.length >= compared && (hasThin || !candidate.isThin)) continue;
    await pacer();
    // It needs a link that does not exist: one such plan is enough to tell of.
    if (candidate.score[0] === Number.POSITIVE_INFINITY && misses.count > 0) continue;
    const one = price(candidate);
    if (one.report.violations.length > 0) {
      misses.add(one.plan, one.report);
      continue;
    }
    feasible.push(one);
    hasThin ||= candidate.isThin;
  }
  return feasible;
}

function priced(
  name: string,
  form: CoachForm,
  problem: Problem,
  context: PlannerContext,
  pair: DevicePair,
  { nodes, codecs }: CoachCandidate,
): Priced {
  const before = new Set(nodes);
  const all = [...problem.graph.nodes.keys()];
  const stages = partForOverlap(problem, [
    { device: pair.first, nodes: all.filter((node) => before.has(node)) },
    { device: pair.second, nodes: all.filter((node) => !before.has(node)) },
  ]);
  const plan = planOf(problem, context.problemDigest, stages, name, {
    codecOf: ({ tensor, to }) => (to === pair.second ? codecs.get(tensor) : undefined) ?? { kind: 'raw' },
  });
  const report = context.evaluator.evaluate(plan);
  const times = reportedTimes(report, pair);
  return { plan, report, keeps: keepsOverlap(times), score: coachScore(form, times) };
}

/** By the score among those that keep constraint (4); among all where none does. */
function bestOf(feasible: readonly Priced[]): Priced | null {
  const keeping = feasible.filter(({ keeps }) => keeps);
  return (keeping.length > 0 ? keeping : feasible).reduce<Priced | null>(
    (best, one) => (best === null || compareScores(one.score, best.score) < 0 ? one : best),
    null,
  );
}

/** Of the other placements priced that are no better by the problem's objective, the best. */
function runnerUpOf(
  { objective, ...problem }: Problem,
  best: Priced,
  seen: readonly Priced[],
): RunnerUp | null {
  const own = objectiveValue(objective, best.report);
  let runnerUp: RunnerUp | null = null;
  for (const { plan, report } of seen) {
    const value = objectiveValue(objective, report);
    if (value < own || samePlacement(plan, best.plan)) continue;
    if (runnerUp === null || value < runnerUp.value)
      runnerUp = { name: placementText({ ...problem, objective }, plan), value };
  }
  return runnerUp;
}
