import type { LabelCentres } from './label-centres.ts';
import { squareOf } from './label-centres.ts';
import { dot } from './row-matrix.ts';
import { separability } from './separability.ts';

/** 'clamped': the cosine, 0 where it is negative. 'shifted': (1 + cosine) / 2, for activations of both signs. */
export type Similarity = 'clamped' | 'shifted';

/** Below this a vector has no direction. */
const leastNorm = 1e-12;
const none: Float32Array = new Float32Array(0);

/**
 * Compares a request with the centres of its labels (COACH, equations 8 and 9): one pass over the centres, nothing allocated. What it
 * found is overwritten by the next `run`.
 */
export class CentreComparison {
  /** Row of the most similar centre; -1 = none. */
  row: number = -1;
  highest = 0;
  second = 0;
  /** Labels that were compared. */
  labels = 0;
  /** 0 = nothing can be said. */
  separability = 0;
  /** |F − c| / |c| to the most similar centre. */
  distance: number = Number.POSITIVE_INFINITY;
  readonly #similarity: Similarity;
  readonly #leastCount: number;

  /** Centres of fewer answers than `leastCount` are left out. */
  constructor(similarity: Similarity, leastCount: number) {
    this.#similarity = similarity;
    this.#leastCount = leastCount;
  }

  /** `feature` has as many values as the centres have channels. */
  run(centres: LabelCentres, feature: Float32Array): void {
    const { matrix, counts } = centres;
    const own = squareOf(feature);
    this.#reset();
    const isDirected = Number.isFinite(own) && Math.sqrt(own) >= leastNorm;
    if (isDirected) matrix.multiply(feature);
    let sum = 0;
    let other = -1;
    for (let row = 0; row < matrix.rows.length; row++) {
      if ((counts[row] ?? 0) < this.#leastCount) continue;
      this.labels++;
      if (!isDirected) continue;
      const value = this.#of(matrix.products[row] ?? 0, own, centres.squares[row] ?? 0);
      sum += value * value;
      if (this.row < 0 || value > this.highest) {
        other = this.row;
        this.second = this.row < 0 ? 0 : this.highest;
        this.highest = value;
        this.row = row;
      } else if (other < 0 || value > this.second) {
        other = row;
        this.second = value;
      }
    }
    if (this.row >= 0) this.#judge(centres, feature, own, sum, other);
  }

  /** The two that count are looked at again with float64: their difference may be small beside them. */
  #judge(
    { matrix, squares }: LabelCentres,
    feature: Float32Array,
    own: number,
    sum: number,
    other: number,
  ): void {
    const productOf = (row: number): number => dot(matrix.rows[row] ?? none, feature);
    let nearest = productOf(this.row);
    this.highest = this.#of(nearest, own, squares[this.row] ?? 0);
    if (other >= 0) {
      const product = productOf(other);
      this.second = this.#of(product, own, squares[other] ?? 0);
      if (this.second > this.highest) {
        [this.highest, this.second] = [this.second, this.highest];
        this.row = other;
        nearest = product;
      }
    }
    const centre = squares[this.row] ?? 0;
    this.distance = Math.sqrt(Math.max(0, own + centre - 2 * nearest) / centre);
    if (this.labels >= 2) this.separability = separability(Math.sqrt(sum), this.highest, this.second);
  }

  #of(product: number, own: number, centre: number): number {
    const norms = Math.sqrt(own * centre);
    if (Math.sqrt(centre) < leastNorm || norms === 0) return 0;
    const cosine = Math.min(1, Math.max(-1, product / norms));
    return this.#similarity === 'clamped' ? Math.max(0, cosine) : (1 + cosine) / 2;
  }

  #reset(): void {
    this.row = -1;
    this.highest = 0;
    this.second = 0;
    this.labels = 0;
    this.separability = 0;
    this.distance = Number.POSITIVE_INFINITY;
  }
}
