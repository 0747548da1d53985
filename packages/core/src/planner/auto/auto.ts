import { computeTable } from '../../cost/cost-tables.ts';
import { objectiveValue } from '../../cost/objective-value.ts';
import { elementNodes } from '../../graph/elements.ts';
import { foldGroups } from '../../graph/fold-groups.ts';
import type { Problem } from '../../plan/problem.ts';
import { allLocal } from '../all-local.ts';
import { allServer } from '../all-server.ts';
import { ask, type PlannerOutcome } from '../ask.ts';
import { type ObjectiveBounds, objectiveBounds } from '../bounds/objective-bound.ts';
import { type Contender, contendersOf } from '../contenders.ts';
import { explainedPlan } from '../explained-plan.ts';
import { gapOver } from '../gap.ts';
import { nodeMoves } from '../moves/node-moves.ts';
import { supportsObjective } from '../objective-support.ts';
import { createPacer, type Pacer } from '../pacer.ts';
import type { Planner, PlannerContext, PlanResult, ProvenBound } from '../planner.ts';
import { runnerUpOf } from '../runner-up.ts';
import { cutters, type Entrant, lastResorts, searchers } from './entrants.ts';
import { TimeBudget } from './time-budget.ts';

/**
 * The planner for who does not want to choose one: asks for nobody's plan (all here, all elsewhere) and for the searches that treat such
 * problems best, bounds what any plan can come to, and moves nodes of the best plan (by period, `nodeMoves`) and asks further planners only where the bound leaves something to gain and there is
 * time; answers with the best plan that any of them has, be it not to split. Where none has one, all cuts and all placements are tried as
 * far as these are few. `bound` holds for all plans that send tensors as they are and run every request alike and to its end (no mix, no
 * early exit), whoever makes them; `chainBound` for those of them that run every element on one device. The time budget
 * (`TimeBudget`) holds for preparation and search together: on a machine that is too slow for the problem fewer planners are asked and
 * the bounds are weaker, which `timeShares` tells; within it, the same problem gets the same plan.
 */
export const auto: Planner = {
  name: 'auto',
  paper: 'the best of several',
  supports: (problem) => supportsObjective(problem, [problem.workload.source, problem.workload.sink]),
  plan: (problem, context) => new AutoSearch(problem, context).plan(),
};

class AutoSearch {
  readonly #problem: Problem;
  readonly #context: PlannerContext;
  readonly #time: TimeBudget;
  readonly #pacer: Pacer;
  readonly #outcomes: PlannerOutcome[] = [];
  #bounds: ObjectiveBounds | null = null;

  constructor(problem: Problem, context: PlannerContext) {
    this.#problem = problem;
    this.#context = context;
    this.#time = new TimeBudget(context.clock);
    this.#pacer = createPacer(context);
  }

  async plan(): Promise<PlanResult> {
    await this.#prepare();
    for (const planner of [allLocal, allServer]) await this.#ask(planner);
    const first = searchers(this.#problem);
    for (const { planner } of first) await this.#ask(planner);
    let bounded = this.#best();
    await this.#bound(bounded);
    await this.#move(bounded);
    for (const entrant of cutters(this.#problem, first)) await this.#askIfWorthwhile(entrant);
    for (const planner of lastResorts(this.#problem)) {
      if (this.#best() !== undefined) break;
      if (!this.#outcomes.some(({ name }) => name === planner.name)) await this.#ask(planner);
    }
    const best = this.#best();
    if (best !== undefined && (bounded === undefined || this.#valueOf(best) < this.#valueOf(bounded)))
      await this.#bound((bounded = best));
    await this.#pacer();
    this.#time.note('comparison');
    return this.#answer(best);
  }

  /** What several of those that are asked look up, one after the other, because each may take a few milliseconds. */
  async #prepare(): Promise<void> {
    const { graph } = this.#problem;
    const steps = [() => foldGroups(graph), () => elementNodes(graph), () => computeTable(this.#problem)];
    for (const step of steps) {
      await this.#pacer();
      step();
    }
    this.#time.note('preparation');
  }

  async #ask(planner: Planner, endsAt = this.#time.searchEnds): Promise<void> {
    await this.#pacer();
    this.#outcomes.push(await ask(planner, this.#problem, { ...this.#context, endsAt }));
    this.#time.note(planner.name);
  }

  async #askIfWorthwhile({ planner, microseconds, isOfChain }: Entrant): Promise<void> {
    const best = this.#best();
    const bound = isOfChain ? this.#bounds?.chainBound : this.#bounds?.bound;
    if (best !== undefined && bound !== undefined && gapOver(this.#valueOf(best), bound.value) === 0) return;
    if (best !== undefined && this.#time.left() < microseconds * 1e-6) this.#time.leaveOut(planner.name);
    else await this.#ask(planner, this.#time.ends);
  }

  async #move(start: Contender | undefined): Promise<void> {
    if (start === undefined) return;
    const planner = nodeMoves(start.planned.plan);
    if (planner.supports(this.#problem).yes)
      await this.#askIfWorthwhile({ planner, microseconds: 20_000, isOfChain: false });
  }

  #best(): Contender | undefined {
    return contendersOf(this.#problem, this.#outcomes)[0];
  }

  #valueOf({ report }: Contender): number {
    return objectiveValue(this.#problem.objective, report);
  }

  /** Of two bounds the higher one holds too, but for rounding: nothing is below `best`. */
  async #bound(best: Contender | undefined): Promise<void> {
    if (best === undefined) return;
    const found = await objectiveBounds(this.#problem, best.report, this.#pacer, this.#time.left);
    const value = this.#valueOf(best);
    const higher = (left: ProvenBound, right: ProvenBound | undefined): ProvenBound => ({
      ...left,
      value: Math.min(value, Math.max(left.value, right?.value ?? 0)),
    });
    if (found !== null)
      this.#bounds = {
        bound: higher(found.bound, this.#bounds?.bound),
        chainBound: higher(found.chainBound, this.#bounds?.chainBound),
      };
    this.#time.note('bounds');
  }

  #answer(best: Contender | undefined): PlanResult {
    const evaluations = this.#outcomes.reduce(
      (sum, { result }) => sum + (result.kind === 'unsupported' ? 0 : result.evaluations),
      0,
    );
    const spent = { evaluations, ...this.#time.spent };
    if (best === undefined) return { kind: 'infeasible', reason: reasonOf(this.#outcomes), ...spent };
    const contenders = contendersOf(this.#problem, this.#outcomes);
    const runnerUp = runnerUpOf(this.#problem, best, contenders);
    const own = { ...best.planned.plan, planner: 'auto' };
    return {
      kind: 'plan',
      plan: explainedPlan(this.#problem, own, best.report, runnerUp),
      ...this.#bounds,
      ...spent,
    };
  }
}

function reasonOf(outcomes: readonly PlannerOutcome[]): string {
  const reasons = outcomes.flatMap(({ name, result }) =>
    result.kind === 'infeasible' ? [`${name}: ${result.reason}`] : [],
  );
  return `Nobody asked has a feasible plan:\n${reasons.map((reason) => `  ${reason}`).join('\n')}`;
}
