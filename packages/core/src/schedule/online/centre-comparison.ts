import type { LabelCentres } from './label-centres.ts';
import { squareOf } from './label-centres.ts';
import { separability } from './separability.ts';

/** 'clamped': the cosine, 0 where it is negative. 'shifted': (1 + cosine) / 2, for activations of both signs. */
export type Similarity = 'clamped' | 'shifted';

/** Below this a vector has no direction. */
const leastNorm = 1e-12;

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
    const { rows, counts, squares } = centres;
    const own = squareOf(feature);
    this.#reset();
    const isDirected = Number.isFinite(own) && Math.sqrt(own) >= leastNorm;
    let sum = 0;
    let nearest = 0;
    for (let row = 0; row < rows.length; row++) {
      const centre = rows[row];
      if (centre === undefined || (counts[row] ?? 0) < this.#leastCount) continue;
      this.labels++;
      if (!isDirected) continue;
      const product = dot(centre, feature);
      const value = this.#of(product, Math.sqrt(own * (squares[row] ?? 0)), squares[row] ?? 0);
      sum += value * value;
      if (this.row < 0 || value > this.highest) {
        this.second = this.row < 0 ? 0 : this.highest;
        this.highest = value;
        this.row = row;
        nearest = product;
      } else if (value > this.second) this.second = value;
    }
    if (this.row < 0) return;
    const centre = squares[this.row] ?? 0;
    this.distance = Math.sqrt(Math.max(0, own + centre - 2 * nearest) / centre);
    if (this.labels >= 2) this.separability = separability(Math.sqrt(sum), this.highest, this.second);
  }

  #of(product: number, norms: number, centre: number): number {
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

/** Four sums at once, so that one addition does not wait for the other. */
function dot(left: Float32Array, right: Float32Array): number {
  const even = left.length - (left.length % 4);
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (let at = 0; at < even; at += 4) {
    first += (left[at] ?? 0) * (right[at] ?? 0);
    second += (left[at + 1] ?? 0) * (right[at + 1] ?? 0);
    third += (left[at + 2] ?? 0) * (right[at + 2] ?? 0);
    fourth += (left[at + 3] ?? 0) * (right[at + 3] ?? 0);
  }
  for (let at = even; at < left.length; at++) first += (left[at] ?? 0) * (right[at] ?? 0);
  return first + second + (third + fourth);
}
