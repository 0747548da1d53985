import { type ProblemIndex, problemIndex } from '../../cost/problem-index.ts';
import type { Report } from '../../cost/report.ts';
import { type FoldGroup, foldGroups } from '../../graph/fold-groups.ts';
import type { Plan } from '../../plan/plan.ts';
import { planOf } from '../../plan/plan-of.ts';
import type { Problem } from '../../plan/problem.ts';
import { stagesOfDevices } from '../../plan/stages-of-devices.ts';
import { runPacedSearch } from '../../search/paced-search.ts';
import { seconds } from '../../units.ts';
import { objections } from '../contenders.ts';
import { explainedPlan } from '../explained-plan.ts';
import { createPacer } from '../pacer.ts';
import type { Planner, PlannerContext, PlanResult } from '../planner.ts';
import { movableSets } from './movable-sets.ts';
import { MoveSearch } from './move-search.ts';
import { PlacementLoads } from './placement-loads.ts';

/** About 25 ms. */
const mostMoves = 8000;

/**
 * From a plan of whole elements of the chain to one that runs single branches and nodes elsewhere, or devices in several turns, where that makes the
 * period shorter (`MoveSearch`); the plan itself where nothing was found. Not one of the planners to choose from, because it needs a plan to
 * start from.
 */
export function nodeMoves(start: Plan): Planner {
  return {
    name: 'node-moves',
    paper: 'baseline',
    supports: ({ objective, profile }) =>
      objective.kind === 'period' && (profile.segments ?? []).length === 0
        ? { yes: true }
        : { yes: false, reason: 'Moves of nodes are for the period, by times of nodes.' },
    plan: (problem, context) => movedPlan(start, problem, context),
  };
}

async function movedPlan(start: Plan, problem: Problem, context: PlannerContext): Promise<PlanResult> {
  const started = context.clock.now();
  const evaluated = context.evaluator.evaluations;
  const pacer = createPacer(context);
  await pacer();
  const groups = foldGroups(problem.graph);
  await pacer();
  const sets = movableSets(problem.graph, groups);
  await pacer();
  const moved = new MovedPlans(start, problem, context, groups);
  await pacer();
  const isLate = (): boolean => context.endsAt !== undefined && context.clock.now() >= context.endsAt;
  const limits = { room: moved.room, mostMoves, isLate };
  const search = new MoveSearch(moved.loads, sets, limits, context.random);
  await runPacedSearch(
    search.run(() => moved.accepts()),
    pacer,
  );
  return {
    kind: 'plan',
    plan: explainedPlan(problem, moved.plan, moved.report, null),
    evaluations: context.evaluator.evaluations - evaluated,
    planningSeconds: seconds(Math.max(0, context.clock.now() - started)),
  };
}

/** The best plan so far, and the loads of the one that is looked at. */
class MovedPlans {
  plan: Plan;
  report: Report;
  readonly loads: PlacementLoads;
  /** [device]: for parameters. */
  readonly room: number[];
  readonly #context: PlannerContext;
  readonly #index: ProblemIndex;
  /** [node] */
  readonly #groupOf: Int32Array;

  constructor(start: Plan, problem: Problem, context: PlannerContext, groups: readonly FoldGroup[]) {
    this.plan = start;
    this.report = context.evaluator.evaluate(start);
    this.#context = context;
    this.#index = problemIndex(problem);
    this.#groupOf = new Int32Array(problem.graph.nodes.length);
    for (const { index, nodes } of groups) for (const node of nodes) this.#groupOf[node] = index;
    const places = new Int32Array(problem.graph.nodes.length);
    for (const { device, nodes } of start.stages)
      for (const node of nodes) places[node] = this.#index.devices.get(device) ?? 0;
    this.loads = new PlacementLoads(
      this.#index,
      groups,
      (group) => places[groups[group]?.root ?? 0] as number,
    );
    this.room = problem.cluster.devices.map(({ memoryBytes, overheadBytes }) => memoryBytes - overheadBytes);
  }

  /** Prices the plan with these loads, and keeps it if it is feasible and better. */
  accepts(): boolean {
    const { problem, deviceIds } = this.#index;
    const { problemDigest, evaluator } = this.#context;
    const deviceAt = (node: number): string =>
      deviceIds[this.loads.deviceOf[this.#groupOf[node] as number] as number] ?? '';
    const plan = planOf(problem, problemDigest, stagesOfDevices(problem.graph, deviceAt), 'node-moves');
    const report = evaluator.evaluate(plan);
    const isBetter = report.periodSeconds < this.report.periodSeconds;
    this.#tighten(report);
    if (!isBetter || objections(problem.objective, report).length > 0) return false;
    this.plan = plan;
    this.report = report;
    return true;
  }

  /** What runs on a device needs room beside its parameters; where it has not got it, parameters get less. */
  #tighten({ devices }: Report): void {
    for (const { device, memoryBytes } of devices) {
      const at = this.#index.devices.get(device) ?? -1;
      const over = memoryBytes - (this.#index.deviceCapacities[at] ?? 0);
      if (over > 0) this.room[at] = Math.min(this.room[at] ?? 0, (this.loads.parameterBytes[at] ?? 0) - over);
    }
  }
}
