import type { Random } from '../../random.ts';
import { standardNormal } from '../normal-distribution.ts';
import type { Optimiser } from './optimiser.ts';
import { type SearchOptions, warmPoints } from './random-search.ts';
import { type Dimension, type Point, requireSpace, type Space, snap, uniformPoint } from './space.ts';
import { Trials } from './trials.ts';

export interface LocalOptions extends SearchOptions {
  /** The first deviation of a move, in widths of its dimension. @default 0.2 */
  readonly initialStep?: number;
}

/** A better point widens the moves by this factor, four others in a row undo it: one success in five keeps them. */
const widening = 1.5;
const widest = 0.5;
const narrowest = 1e-6;

/**
 * The (1 + 1) evolution strategy with the one-fifth rule (Rechenberg 1973): the best point so far is varied, each coordinate with
 * probability 1 / dimensions and at least one, and replaced by what is no worse. Starts at the best warm point, or at a uniform one.
 * O(evaluations × dimensions). Throws InvalidInputError for a space or budget that cannot be used.
 */
export function* localSearch(space: Space, options: LocalOptions, random: Random): Optimiser {
  requireSpace(space);
  const trials = new Trials(options);
  yield* trials.evaluateAll(warmPoints(space, options));
  if (trials.points.length === 0) yield* trials.evaluate(uniformPoint(space, random));
  let [current, least] = [trials.best, trials.bestValue];
  let step = options.initialStep ?? 0.2;
  while (!trials.done) {
    const next = moved(space, current, step, random);
    const value = yield* trials.evaluate(next);
    step *= value < least ? widening : widening ** -0.25;
    step = Math.max(narrowest, Math.min(widest, step));
    if (value <= least) [current, least] = [next, value];
  }
  return trials.optimum();
}

function moved(space: Space, point: Point, step: number, random: Random): Point {
  const surely = random.integer(space.length);
  return space.map((dimension, axis) => {
    const value = point[axis] ?? 0;
    const moves = random.next() * space.length < 1 || axis === surely;
    return moves ? movedValue(dimension, value, step, random) : value;
  });
}

/** Another choice, or a value nearby: on a grid at least the next one, where the grid goes on. */
function movedValue(dimension: Dimension, value: number, step: number, random: Random): number {
  if (dimension.kind === 'choice') {
    if (dimension.count === 1) return value;
    const other = random.integer(dimension.count - 1);
    return other < value ? other : other + 1;
  }
  const shift = step * (dimension.high - dimension.low) * standardNormal(random);
  const grid = dimension.step ?? 0;
  return snap(dimension, value + Math.sign(shift) * Math.max(Math.abs(shift), grid));
}
