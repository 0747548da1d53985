import type { Random } from '../../random.ts';
import { standardNormal } from '../normal-distribution.ts';
import type { Optimiser } from './optimiser.ts';
import { type SearchOptions, warmPoints } from './random-search.ts';
import { type Point, pointAt, requireSpace, type Space, shareOfValue } from './space.ts';
import { Trials } from './trials.ts';

export interface QuantumOptions extends SearchOptions {
  /** k, the number of particles. @default 5 */
  readonly particles?: number;
  /** l_max, the number of scales. @default 20 */
  readonly scales?: number;
  /** λ, what the scale is divided by. @default 1.3 */
  readonly scaleDivisor?: number;
  /** The first σ_s, in widths of the space. @default 0.3, about the standard deviation of a uniform draw */
  readonly initialScale?: number;
  /** What a draw must be better than to replace its particle: the particle itself, or the best of all as printed. @default 'particle' */
  readonly accept?: 'particle' | 'global';
  /** Most rounds of draws at one scale. @default 50 */
  readonly maximumRounds?: number;
  /** Most replacements of the worst particle at one scale. @default 50 */
  readonly maximumTransitions?: number;
  /** By how much a point violates the constraints; 0 = feasible. Asked before a point is evaluated. */
  readonly violation?: (point: Point) => number;
  /** Draws for one particle until one is feasible. @default 100 */
  readonly maximumTries?: number;
}

const defaults: Required<Omit<QuantumOptions, keyof SearchOptions>> = {
  particles: 5,
  scales: 20,
  scaleDivisor: 1.3,
  initialScale: 0.3,
  accept: 'particle',
  maximumRounds: 50,
  maximumTransitions: 50,
  violation: (): number => 0,
  maximumTries: 100,
};

interface Place {
  /** Within the unit cube. */
  readonly shares: Float64Array;
  readonly point: Point;
  readonly violation: number;
}

interface Particle extends Place {
  /** +∞ where the violation is above 0: such a point is not evaluated. */
  readonly value: number;
}

type Settings = typeof defaults & QuantumOptions;
type Step<Result> = Generator<Point | null, Result, number>;

/**
 * The multi-scale quantum harmonic oscillator algorithm (Wang et al.), as in algorithm 1 of Mu et al. 2024: particles draw normally
 * around themselves and keep what is better until their spread settles, the worst moves to their mean until the spread is below the
 * scale, then the scale shrinks. The spread is the largest standard deviation of a coordinate; coordinates drawn outside the space
 * are drawn again uniformly. Differs from the paper where its loops need not end: rounds and transitions of a scale are capped, the
 * spread's change is reset after each transition, a draw that finds nothing feasible keeps the least violating try if that violates
 * less than the particle does, and the mean replaces the worst only if it is as feasible. `accept: 'global'`, `initialScale: 1` is
 * the paper's letter. Ends at the last scale, too. O(evaluations × dimensions × tries); yields once a particle's draw. Throws
 * InvalidInputError for a space or budget that cannot be used.
 */
export function* quantumSearch(space: Space, options: QuantumOptions, random: Random): Optimiser {
  requireSpace(space);
  const trials = new Trials(options);
  const settings = { ...defaults, ...options };
  const search = new Oscillators(space, settings, trials, random);
  yield* search.start(warmPoints(space, options));
  let scale = settings.initialScale;
  for (let level = 0; level < settings.scales && !trials.done; level++) {
    yield* search.settleAt(scale);
    scale /= settings.scaleDivisor;
  }
  return trials.values.length === 0 ? { ...trials.optimum(), point: search.best().point } : trials.optimum();
}

class Oscillators {
  readonly #space: Space;
  readonly #settings: Settings;
  readonly #trials: Trials;
  readonly #random: Random;
  readonly #particles: Particle[] = [];

  constructor(space: Space, settings: Settings, trials: Trials, random: Random) {
    this.#space = space;
    this.#settings = settings;
    this.#trials = trials;
    this.#random = random;
  }

  /** The best warm points, and uniform draws for the rest of the particles. */
  *start(warm: readonly Point[]): Step<void> {
    const { particles } = this.#settings;
    for (const point of warm) {
      if (this.#trials.done) break;
      const shares = this.#space.map((dimension, axis) => shareOfValue(dimension, point[axis] ?? 0));
      this.#particles.push(yield* this.#evaluated(this.#judged(Float64Array.from(shares), point)));
    }
    this.#particles.sort((left, right) => Number(isBetter(right, left)) - Number(isBetter(left, right)));
    this.#particles.splice(particles);
    while (this.#particles.length < particles && !this.#trials.done)
      this.#particles.push(yield* this.#evaluated(this.#drawn(() => this.#random.next())));
  }

  /** One scale: until the particles are as near to each other as it is wide. */
  *settleAt(scale: number): Step<void> {
    const { maximumRounds, maximumTransitions } = this.#settings;
    let rounds = 0;
    let spread = this.#spread();
    for (let transitions = 0; spread > scale && transitions < maximumTransitions; transitions++) {
      for (let change = Number.POSITIVE_INFINITY; change > scale && rounds < maximumRounds; rounds++) {
        yield* this.#round(scale);
        const before = spread;
        spread = this.#spread();
        change = Math.abs(spread - before);
      }
      if (this.#trials.done || rounds >= maximumRounds) return;
      yield* this.#replaceWorst();
      spread = this.#spread();
    }
  }

  *#round(scale: number): Step<void> {
    for (const [index, particle] of this.#particles.entries()) {
      if (this.#trials.done) return;
      const near = (axis: number): number => this.#near(particle.shares[axis] ?? 0, scale);
      const drawn = yield* this.#evaluated(this.#drawn(near));
      const bound = this.#settings.accept === 'global' ? this.best() : particle;
      if (isBetter(drawn, bound) || drawn.violation < particle.violation) this.#particles[index] = drawn;
    }
  }

  *#replaceWorst(): Step<void> {
    const worst = this.#particles.reduce((found, particle) => (isBetter(found, particle) ? particle : found));
    const mean = this.#shares((axis) => this.#meanShare(axis));
    const moved = yield* this.#evaluated(this.#judged(mean));
    if (moved.violation <= worst.violation) this.#particles[this.#particles.indexOf(worst)] = moved;
  }

  /** Draws every coordinate until the point is feasible; the least violating of `maximumTries` otherwise. */
  #drawn(coordinate: (axis: number) => number): Place {
    const draw = (): Place => this.#judged(this.#shares(coordinate));
    let least = draw();
    for (let tries = 1; least.violation > 0 && tries < this.#settings.maximumTries; tries++) {
      const next = draw();
      if (next.violation < least.violation) least = next;
    }
    return least;
  }

  #near(centre: number, scale: number): number {
    const share = centre + scale * standardNormal(this.#random);
    return share >= 0 && share <= 1 ? share : this.#random.next();
  }

  #shares(coordinate: (axis: number) => number): Float64Array {
    const shares = new Float64Array(this.#space.length);
    for (let axis = 0; axis < shares.length; axis++) shares[axis] = coordinate(axis);
    return shares;
  }

  #judged(shares: Float64Array, point: Point = pointAt(this.#space, shares)): Place {
    return { shares, point, violation: this.#settings.violation(point) };
  }

  *#evaluated(place: Place): Step<Particle> {
    if (place.violation > 0) {
      yield null;
      return { ...place, value: Number.POSITIVE_INFINITY };
    }
    return { ...place, value: yield* this.#trials.evaluate(place.point) };
  }

  best(): Particle {
    return this.#particles.reduce((found, particle) => (isBetter(particle, found) ? particle : found));
  }

  #spread(): number {
    return Math.max(...this.#space.map((_, axis) => this.#deviation(axis)));
  }

  #deviation(axis: number): number {
    const mean = this.#meanShare(axis);
    let squares = 0;
    for (const { shares } of this.#particles) squares += ((shares[axis] ?? 0) - mean) ** 2;
    return Math.sqrt(squares / this.#particles.length);
  }

  #meanShare(axis: number): number {
    let sum = 0;
    for (const { shares } of this.#particles) sum += shares[axis] ?? 0;
    return sum / this.#particles.length;
  }
}

const isBetter = (left: Particle, right: Particle): boolean =>
  left.violation === right.violation ? left.value < right.value : left.violation < right.violation;
