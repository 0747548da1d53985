import type { Label } from '../../calibrate/calibration-sample.ts';
import { RowMatrix } from './row-matrix.ts';

/** What bounds the centres of one cut. */
export interface CentreLimits {
  /** Answers after which a centre follows as a moving average; infinity = a plain mean, as published, which follows no drift. */
  readonly mostCount: number;
  readonly mostLabels: number;
}

/** How far, as a share of a centre's norm, an activation may be: one that is longer is no activation of the same network. */
const mostNormRatio = 10;

/**
 * The mean pooled activation of each label at one cut (centres of COACH, equation 7). Rows are overwritten in place: an update allocates
 * nothing but the row of a new label.
 */
export class LabelCentres {
  readonly channels: number;
  /** By row. */
  readonly labels: Label[] = [];
  readonly counts: number[] = [];
  readonly matrix: RowMatrix;
  /** |c|² */
  readonly squares: number[] = [];
  readonly #limits: CentreLimits;
  readonly #rowOf = new Map<Label, number>();

  constructor(channels: number, limits: CentreLimits) {
    this.channels = channels;
    this.matrix = new RowMatrix(channels);
    this.#limits = limits;
  }

  /**
   * Moves the label's centre by one answer: c ← (m c + F) / (m + 1), m ← min(m + 1, most). False where the answer is left out: a feature
   * that is not finite or far too long, a label that is no whole number >= 0, or one more than there may be.
   */
  update(label: Label, feature: Float32Array): boolean {
    const square = squareOf(feature);
    if (feature.length !== this.channels || !Number.isFinite(square)) return false;
    if (!Number.isSafeInteger(label) || label < 0) return false;
    const row = this.#rowOf.get(label);
    if (row === undefined) return this.add(label, 1, feature);
    const own = this.squares[row] ?? 0;
    if (own > 0 && square > own * mostNormRatio ** 2) return false;
    this.#move(row, feature);
    return true;
  }

  /** A label with its centre, as it was calibrated or saved. False where it is known, or one too many. */
  add(label: Label, count: number, centre: Float32Array): boolean {
    if (this.#rowOf.has(label) || this.labels.length >= this.#limits.mostLabels) return false;
    this.#rowOf.set(label, this.labels.length);
    this.labels.push(label);
    this.counts.push(Math.min(count, this.#limits.mostCount));
    this.matrix.add(centre);
    this.squares.push(squareOf(centre));
    return true;
  }

  #move(row: number, feature: Float32Array): void {
    const centre = this.matrix.rows[row];
    if (centre === undefined) return;
    const count = this.counts[row] ?? 0;
    const weight = 1 / (count + 1);
    let square = 0;
    for (let channel = 0; channel < centre.length; channel++) {
      const old = centre[channel] ?? 0;
      centre[channel] = old + ((feature[channel] ?? 0) - old) * weight;
      square += (centre[channel] ?? 0) ** 2;
    }
    this.squares[row] = square;
    this.counts[row] = Math.min(count + 1, this.#limits.mostCount);
  }
}

export function squareOf(feature: Float32Array): number {
  let square = 0;
  for (let channel = 0; channel < feature.length; channel++) square += (feature[channel] ?? 0) ** 2;
  return square;
}
