import { compareByObjective, objectiveValue } from '../../cost/objective-value.ts';
import type { Report } from '../../cost/report.ts';
import { mixedPlan } from '../../plan/mix.ts';
import type { Plan } from '../../plan/plan.ts';
import type { CodecOf } from '../../plan/plan-of.ts';
import type { Problem } from '../../plan/problem.ts';
import { seconds } from '../../units.ts';
import { explainedPlan } from '../explained-plan.ts';
import { createPacer, type Pacer } from '../pacer.ts';
import { placementText, type RunnerUp } from '../placement-text.ts';
import { type CodedCut, cutPlan, planTwoStages } from '../plan-two-stages.ts';
import type { PlannerContext, PlanResult } from '../planner.ts';
import type { DevicePair } from '../two-stage-costs.ts';
import { type CutOptions, cutOptions } from './cut-options.ts';

export interface BatchTask {
  readonly planner: string;
  readonly problem: Problem;
  readonly context: PlannerContext;
}

/** What a method tries, between two devices. */
export interface BatchMethod {
  /** That every request may take. */
  alone(options: CutOptions): readonly CodedCut[];
  /** By request, positions of cuts. `before`: the best value by the objective that was found so far, Infinity where nothing was. */
  patterns(options: CutOptions, before: number, pacer: Pacer): Promise<readonly (readonly number[])[]>;
}

interface Priced {
  readonly plan: Plan;
  readonly report: Report;
}

/**
 * The best feasible plan by the objective: every request by one cut, or requests by several in a method's order. Where both are worth the
 * same, every request by one.
 */
export async function planBatch(
  task: BatchTask,
  pairs: readonly DevicePair[],
  codecOf: CodecOf,
  method: BatchMethod,
): Promise<PlanResult> {
  const { planner, problem, context } = task;
  const started = context.clock.now();
  const evaluated = context.evaluator.evaluations;
  const pacer = createPacer(context);
  await pacer();
  const offers: CutOptions[] = [];
  for (const pair of pairs) offers.push(await cutOptions(problem, pair, codecOf, pacer));
  const cuts = new Map(offers.map((options) => [options.pair.second, method.alone(options)]));
  const alike = await planTwoStages(
    planner,
    problem,
    context,
    async (pair) => cuts.get(pair.second) ?? [],
    pairs,
  );
  const single = alike.kind === 'plan' ? priced(task, alike.plan) : null;
  const mixes = await feasibleMixes(task, offers, method, single, pacer);
  const spent = {
    evaluations: context.evaluator.evaluations - evaluated,
    planningSeconds: seconds(Math.max(0, context.clock.now() - started)),
  };
  const plan = bestOf(problem, single, mixes);
  if (plan !== null) return { kind: 'plan', plan, ...spent };
  return { kind: 'infeasible', reason: alike.kind === 'plan' ? '' : alike.reason, ...spent };
}

function priced({ context }: BatchTask, plan: Plan): Priced {
  return { plan, report: context.evaluator.evaluate(plan) };
}

/** The best first. */
async function feasibleMixes(
  task: BatchTask,
  offers: readonly CutOptions[],
  method: BatchMethod,
  single: Priced | null,
  pacer: Pacer,
): Promise<readonly Priced[]> {
  const { objective } = task.problem;
  const mixes: Priced[] = [];
  for (const options of offers) {
    const values = [...mixes, ...(single === null ? [] : [single])].map(({ report }) =>
      objectiveValue(objective, report),
    );
    for (const pattern of await method.patterns(options, Math.min(...values), pacer)) {
      await pacer();
      const plan = planOfPattern(task, options, pattern);
      if (plan?.mix === undefined) continue;
      const mix = priced(task, plan);
      if (mix.report.violations.length === 0) mixes.push(mix);
    }
  }
  return mixes.sort((left, right) => compareByObjective(objective, left.report, right.report));
}

function planOfPattern(
  { planner, problem, context }: BatchTask,
  { pair, cuts }: CutOptions,
  pattern: readonly number[],
): Plan | null {
  const used = [...new Set(pattern)];
  const [first, ...others] = used.flatMap((index) => {
    const cut = cuts[index];
    return cut === undefined ? [] : [cutPlan(planner, problem, context, pair, cut)];
  });
  if (first === undefined) return null;
  return mixedPlan(
    [first, ...others],
    pattern.map((index) => used.indexOf(index)),
  );
}

/** Explained by the best of the others, among them what `single` itself was compared with. */
function bestOf(problem: Problem, single: Priced | null, mixes: readonly Priced[]): Plan | null {
  const [mix, second] = mixes;
  if (mix === undefined) return single?.plan ?? null;
  const isSingle = single !== null && compareByObjective(problem.objective, single.report, mix.report) <= 0;
  const best = isSingle ? single : mix;
  const others = [isSingle ? mix : single, isSingle ? null : (second ?? null)].flatMap((other) =>
    other === null ? [] : [runnerUpOf(problem, other)],
  );
  const seen = isSingle ? single.plan.why.runnerUp : null;
  const runnerUps = seen === null ? others : [seen, ...others];
  const runnerUp = runnerUps.reduce<RunnerUp | null>(
    (least, other) => (least === null || other.value < least.value ? other : least),
    null,
  );
  return explainedPlan(problem, best.plan, best.report, runnerUp);
}

function runnerUpOf(problem: Problem, { plan, report }: Priced): RunnerUp {
  return { name: placementText(problem, plan), value: objectiveValue(problem.objective, report) };
}
