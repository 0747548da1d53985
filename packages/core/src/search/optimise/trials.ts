import { InvalidInputError } from '../../errors.ts';
import type { Optimum } from './optimiser.ts';
import type { Point } from './space.ts';

/** When an optimiser ends; it ends as soon as one of them says so. */
export interface StopRules {
  /** The budget: a whole number from 1. */
  readonly maximumEvaluations: number;
  /** So many evaluations without a better one. @default Infinity */
  readonly patience?: number;
  /** The standard deviation of the last 30 values is below this share of the best. @default 0, which is never */
  readonly flatness?: number;
}

/** How many values `flatness` looks at. */
const flatWindow = 30;

/** What has been evaluated, in order, and whether that is enough. Not a number counts as +∞, the value of what is infeasible. */
export class Trials {
  readonly points: Point[] = [];
  readonly values: number[] = [];
  readonly #rules: Required<StopRules>;
  #best = -1;

  constructor(rules: StopRules) {
    const { maximumEvaluations } = rules;
    if (!Number.isInteger(maximumEvaluations) || maximumEvaluations < 1) {
      throw new InvalidInputError(
        `An optimiser was given a budget of ${maximumEvaluations} evaluations; a whole number from 1 is needed.`,
        'Set `maximumEvaluations`.',
      );
    }
    this.#rules = { patience: Number.POSITIVE_INFINITY, flatness: 0, ...rules };
  }

  /** Yields the point as a question and keeps the answer, which it returns. */
  *evaluate(point: Point): Generator<Point | null, number, number> {
    const answer = yield point;
    const value = Number.isNaN(answer) ? Number.POSITIVE_INFINITY : answer;
    this.points.push(point);
    this.values.push(value);
    if (this.#best < 0 || value < this.bestValue) this.#best = this.values.length - 1;
    return value;
  }

  /** Evaluates points until there are no more or it is enough. */
  *evaluateAll(points: Iterable<Point>): Generator<Point | null, void, number> {
    for (const point of points) {
      if (this.done) return;
      yield* this.evaluate(point);
    }
  }

  get best(): Point {
    return this.points[this.#best] ?? [];
  }

  get bestValue(): number {
    return this.values[this.#best] ?? Number.POSITIVE_INFINITY;
  }

  get done(): boolean {
    const { maximumEvaluations, patience } = this.#rules;
    const count = this.values.length;
    return count >= maximumEvaluations || count - 1 - this.#best >= patience || this.#isFlat();
  }

  #isFlat(): boolean {
    if (this.#rules.flatness === 0 || this.values.length < flatWindow) return false;
    const last = this.values.slice(-flatWindow);
    const mean = last.reduce((sum, value) => sum + value, 0) / flatWindow;
    const variance = last.reduce((sum, value) => sum + (value - mean) ** 2, 0) / flatWindow;
    return Math.sqrt(variance) < this.#rules.flatness * Math.abs(this.bestValue);
  }

  optimum(): Optimum {
    return { point: this.best, value: this.bestValue, evaluations: this.values.length };
  }
}
