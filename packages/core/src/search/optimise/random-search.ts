import type { Random } from '../../random.ts';
import type { Optimiser } from './optimiser.ts';
import { type Point, requireSpace, type Space, snap, uniformPoint } from './space.ts';
import { type StopRules, Trials } from './trials.ts';

export interface SearchOptions extends StopRules {
  /** Evaluated before anything else, moved to the nearest permitted values. @default [] */
  readonly warm?: readonly Point[];
}

/** Uniform draws: the baseline for optimisers. Throws InvalidInputError for a space or budget that cannot be used. */
export function* randomSearch(space: Space, options: SearchOptions, random: Random): Optimiser {
  requireSpace(space);
  const trials = new Trials(options);
  yield* trials.evaluateAll(warmPoints(space, options));
  while (!trials.done) yield* trials.evaluate(uniformPoint(space, random));
  return trials.optimum();
}

/** The warm points within the space. */
export const warmPoints = (space: Space, { warm = [] }: SearchOptions): Point[] =>
  warm.map((point) => space.map((dimension, index) => snap(dimension, point[index] ?? 0)));
