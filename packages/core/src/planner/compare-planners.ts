import { objectiveValue } from '../cost/objective-value.ts';
import type { Report } from '../cost/report.ts';
import { InvalidInputError } from '../errors.ts';
import type { Problem } from '../plan/problem.ts';
import { paretoFront } from '../search/pareto-front.ts';
import { ask, type ChooseContext, type PlannerOutcome } from './ask.ts';
import { contendersOf, objections } from './contenders.ts';
import { gapOver } from './gap.ts';
import type { Planner } from './planner.ts';
import { type PlannerName, planners } from './planners.ts';

/** Several planners' answers to one problem, side by side. */
export interface Comparison {
  /** In the order asked. */
  readonly rows: readonly ComparedPlanner[];
  /** The row that `choose` would take; null when no plan is feasible. */
  readonly best: ComparedPlanner | null;
  /** What the front looks at: energy only where it is known of every feasible plan. */
  readonly frontFigures: readonly FrontFigure[];
}

export interface ComparedPlanner extends PlannerOutcome {
  /** There is a valid plan that keeps every constraint. */
  readonly feasible: boolean;
  /** Why there is none, for a person; null when there is. */
  readonly reason: string | null;
  /** By the problem's objective; null unless feasible. */
  readonly value: number | null;
  /** value / proven bound − 1; null where the planner proves none. */
  readonly gap: number | null;
  /** The same over what is proven for the placements of the chain (`Planned.chainBound`); 0 where it is below that. */
  readonly chainGap: number | null;
  /** Feasible, and no other feasible plan is as good in all of `frontFigures` and better in one. */
  readonly onFront: boolean;
}

export type FrontFigure = (typeof everyFrontFigure)[number];

const everyFrontFigure = ['latencySeconds', 'periodSeconds', 'energyJoules', 'peakMemoryBytes'] as const;

/**
 * Asks planners one after the other, ours by name or anybody's as objects, and prices what each answers; none sees another's answer.
 * An invalid plan counts as infeasible, with what is wrong as its reason. `asking` is told each name before its turn. Throws
 * InvalidInputError for two planners of one name, and what a planner throws; rejects with the signal's reason when aborted.
 */
export async function comparePlanners(
  problem: Problem,
  asked: readonly (PlannerName | Planner)[],
  context: ChooseContext,
  asking: (name: string) => void = () => {},
): Promise<Comparison> {
  const every = asked.map((planner) => (typeof planner === 'string' ? planners[planner] : planner));
  refuseNamesakes(every);
  const outcomes: PlannerOutcome[] = [];
  for (const planner of every) {
    asking(planner.name);
    outcomes.push(await ask(planner, problem, context));
  }
  const contenders = contendersOf(problem, outcomes);
  const frontFigures = everyFrontFigure.filter((figure) =>
    contenders.every(({ report }) => report[figure] !== null),
  );
  const rows = withFront(
    outcomes.map((outcome) => rowOf(problem, outcome)),
    frontFigures,
  );
  return { rows, best: rows.find(({ name }) => name === contenders[0]?.name) ?? null, frontFigures };
}

function refuseNamesakes(every: readonly Planner[]): void {
  const names = every.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice === undefined) return;
  throw new InvalidInputError(
    `two planners are called '${twice}', expected a name for each`,
    'Name each planner once, and your own unlike ours.',
  );
}

type RowBesideOthers = Omit<ComparedPlanner, 'onFront'>;

function rowOf({ objective }: Problem, outcome: PlannerOutcome): RowBesideOthers {
  const { result, report, faults } = outcome;
  if (result.kind !== 'plan') return { ...outcome, ...infeasible(result.reason) };
  if (report === null) return { ...outcome, ...infeasible(`Its plan is not valid: ${faults.join(' ')}`) };
  const against = objections(objective, report);
  if (against.length > 0) return { ...outcome, ...infeasible(`Its plan is refused: ${against.join(' ')}`) };
  const value = objectiveValue(objective, report);
  const gap = result.bound === undefined ? null : gapOver(value, result.bound.value);
  const chainGap =
    result.chainBound === undefined ? null : Math.max(0, gapOver(value, result.chainBound.value));
  return { ...outcome, feasible: true, reason: null, value, gap, chainGap };
}

function infeasible(
  reason: string,
): Pick<ComparedPlanner, 'feasible' | 'reason' | 'value' | 'gap' | 'chainGap'> {
  return { feasible: false, reason, value: null, gap: null, chainGap: null };
}

/** Plans of the same figures stand together, though `paretoFront` names the first of them. */
function withFront(
  rows: readonly RowBesideOthers[],
  frontFigures: readonly FrontFigure[],
): ComparedPlanner[] {
  const points = rows.flatMap(({ feasible, report }) =>
    feasible && report !== null ? [pointOf(report, frontFigures)] : [],
  );
  const front = new Set(paretoFront(points).map((at) => points[at]?.join()));
  return rows.map((row) => ({
    ...row,
    onFront: row.feasible && row.report !== null && front.has(pointOf(row.report, frontFigures).join()),
  }));
}

const pointOf = (report: Report, frontFigures: readonly FrontFigure[]): number[] =>
  frontFigures.map((figure) => report[figure] ?? Number.POSITIVE_INFINITY);
