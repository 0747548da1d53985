import { InvalidInputError } from '../errors.ts';
import type { Figure } from '../plan/plan.ts';
import type { Objective, PlainFigure } from '../plan/problem.ts';
import type { Report } from './report.ts';

/** The parts of a Report that objectives look at. */
export type Figures = Pick<Report, PlainFigure> & Partial<Pick<Report, 'energyUnknown'>>;

const figureOf = {
  latency: 'latencySeconds',
  period: 'periodSeconds',
  makespan: 'makespanSeconds',
  energy: 'energyJoules',
} as const satisfies Record<string, PlainFigure>;

/** What the objective's value is called in a claim; of a lexicographic one, its first figure. */
export function objectiveFigure(objective: Objective): Figure {
  switch (objective.kind) {
    case 'weighted':
      return 'weighted';
    case 'lexicographic':
      return objective.figures[0] ?? 'latencySeconds';
    default:
      return figureOf[objective.kind];
  }
}

/**
 * How good a plan is by its Report; smaller is better. Of a lexicographic objective, the figure that comes first: order plans by
 * `compareByObjective`. Throws InvalidInputError when the objective asks for energy and that is not known.
 */
export function objectiveValue(objective: Objective, figures: Figures): number {
  if (objective.kind !== 'weighted') return figureValue(objectiveFigure(objective), figures);
  return objective.terms.reduce(
    (sum, { figure, weight, reference }) =>
      weight === 0 ? sum : sum + (weight * figureValue(figure, figures)) / reference,
    0,
  );
}

/** Negative when `left` is better, 0 when the objective sees no difference. */
export function compareByObjective(objective: Objective, left: Figures, right: Figures): number {
  if (objective.kind !== 'lexicographic')
    return compare(objectiveValue(objective, left), objectiveValue(objective, right));
  for (const figure of objective.figures) {
    const order = compare(figureValue(figure, left), figureValue(figure, right));
    if (order !== 0) return order;
  }
  return 0;
}

/** Infinity − Infinity is NaN, so values are compared and not subtracted. */
function compare(left: number, right: number): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function figureValue(figure: Figure, figures: Figures): number {
  if (figure === 'weighted')
    throw new InvalidInputError('a weighted sum is no figure of a report', 'Name a plain figure.');
  const value = figures[figure];
  if (value !== null) return value;
  if (figures.latencySeconds === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  throw new InvalidInputError(
    `the energy of a plan is asked for and not known. ${figures.energyUnknown ?? ''}`.trim(),
    'State `power` for every device that may take part, or choose another objective.',
  );
}
