import type { Objective, PlainFigure } from '../../plan/problem.ts';
import { figuresOf } from '../objective-support.ts';
import type { Prices } from './clock-choices.ts';

/** What a second and a joule count in the sum; the period counts like the latency, which is what there is to add up. */
export function pricesOf(objective: Objective): Prices {
  const terms =
    objective.kind === 'weighted'
      ? objective.terms
      : figuresOf(objective)
          .slice(0, 1)
          .map((figure) => ({ figure, weight: 1, reference: 1 }));
  const price = (counts: (figure: PlainFigure) => boolean): number =>
    terms.reduce((sum, { figure, weight, reference }) => sum + (counts(figure) ? weight / reference : 0), 0);
  return {
    second: price((figure) => figure !== 'energyJoules'),
    joule: price((figure) => figure === 'energyJoules'),
  };
}
