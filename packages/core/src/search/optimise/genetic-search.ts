import type { Random } from '../../random.ts';
import type { Optimiser } from './optimiser.ts';
import { type SearchOptions, warmPoints } from './random-search.ts';
import { type Point, requireSpace, type Space, uniformPoint, valueAt } from './space.ts';
import { Trials } from './trials.ts';

export interface GeneticOptions extends SearchOptions {
  /** @default 50 */
  readonly population?: number;
  /** The probability with which a child has two parents. @default 0.5 */
  readonly crossover?: number;
  /** The probability with which a coordinate of a child is drawn anew. @default 1 / dimensions */
  readonly mutation?: number;
  /** Of so many drawn members the best becomes a parent. @default 3 */
  readonly tournament?: number;
}

interface Member {
  readonly point: Point;
  readonly value: number;
}

/**
 * A genetic algorithm (Holland 1975) with tournaments, two-point crossover and uniform mutation; the best member survives each
 * generation. O(evaluations × dimensions). Throws InvalidInputError for a space or budget that cannot be used.
 */
export function* geneticSearch(space: Space, options: GeneticOptions, random: Random): Optimiser {
  requireSpace(space);
  const { population = 50, crossover = 0.5, mutation = 1 / space.length, tournament = 3 } = options;
  const trials = new Trials(options);
  const first = warmPoints(space, options);
  while (first.length < population) first.push(uniformPoint(space, random));
  let members = yield* born(trials, first);
  while (!trials.done) {
    const parent = (): Point => winner(members, tournament, random);
    const children = Array.from({ length: population - 1 }, () => {
      const child = random.next() < crossover ? crossed(parent(), parent(), random) : parent();
      return mutated(space, child, mutation, random);
    });
    const elite = { point: trials.best, value: trials.bestValue };
    members = [elite, ...(yield* born(trials, children))];
  }
  return trials.optimum();
}

function* born(trials: Trials, points: readonly Point[]): Generator<Point | null, Member[], number> {
  const members: Member[] = [];
  for (const point of points) {
    if (trials.done) break;
    members.push({ point, value: yield* trials.evaluate(point) });
  }
  return members;
}

function winner(members: readonly Member[], tournament: number, random: Random): Point {
  let best: Member | undefined;
  for (let draw = 0; draw < tournament; draw++) {
    const member = members[random.integer(members.length)];
    if (member !== undefined && (best === undefined || member.value < best.value)) best = member;
  }
  return best?.point ?? [];
}

/** The first parent's coordinates, between two places the second's. */
function crossed(left: Point, right: Point, random: Random): Point {
  const [one, other] = [random.integer(left.length + 1), random.integer(left.length + 1)];
  const [from, to] = [Math.min(one, other), Math.max(one, other)];
  return left.map((value, axis) => (axis >= from && axis < to ? (right[axis] ?? value) : value));
}

function mutated(space: Space, point: Point, mutation: number, random: Random): Point {
  return space.map((dimension, axis) =>
    random.next() < mutation ? valueAt(dimension, random.next()) : (point[axis] ?? 0),
  );
}
