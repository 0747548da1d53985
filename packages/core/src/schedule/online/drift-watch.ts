import { wilsonInterval } from '../../calibrate/wilson-interval.ts';

export interface DriftLimits {
  /** The share of audited answers that may differ from the server's. */
  readonly mostLoss: number;
  /** What calibration found of the greatest similarity of a request. */
  readonly similarity: { readonly mean: number; readonly deviation: number };
  /** Audits, and requests, that count. @default 200 */
  readonly window?: number;
}

/** Fewer audits are no evidence. */
const leastAudits = 20;
const raise = 1.2;
const relax = 0.98;
/** A threshold that had to be raised as often as that is none: 1.2 to the power of 12. */
const mostFactor = 8.9;

/**
 * Watches whether what was calibrated still holds. Audits: where they disagree more than they may (lower end of Wilson's interval), exits
 * need 1.2 times the separability and the count starts anew; each audit that agrees takes 2 % of that back. Similarities: where their mean
 * over a window lies more than three standard errors below the calibrated mean, the inputs are others than they were.
 */
export class DriftWatch {
  /** What the exit threshold is multiplied by, >= 1. */
  factor: number;
  readonly #limits: DriftLimits;
  readonly #window: number;
  readonly #audits: boolean[] = [];
  #disagreed = 0;
  #nextAudit = 0;
  readonly #similarities: Float64Array;
  #seen = 0;
  #sum = 0;

  constructor(limits: DriftLimits, factor = 1) {
    this.#limits = limits;
    this.#window = Math.max(leastAudits, limits.window ?? 200);
    this.#similarities = new Float64Array(this.#window);
    this.factor = Math.max(1, factor);
  }

  /** Whether audits have raised the threshold so often that it means nothing. */
  get isLost(): boolean {
    return this.factor > mostFactor;
  }

  /** What calls for a new calibration, one sentence; null = nothing. */
  get reason(): string | null {
    if (this.isLost)
      return `Audits disagreed so often that exits were made ${this.factor.toFixed(2)} times as strict as calibrated.`;
    if (this.factor > 1)
      return `Audits disagreed more than ${this.#limits.mostLoss} of the time; exits are ${this.factor.toFixed(2)} times as strict as calibrated.`;
    return this.#hasFallen()
      ? 'Requests are less similar to all labels than they were at calibration.'
      : null;
  }

  audited(isAgreed: boolean): void {
    if (this.#audits[this.#nextAudit] === false) this.#disagreed--;
    if (!isAgreed) this.#disagreed++;
    this.#audits[this.#nextAudit] = isAgreed;
    this.#nextAudit = (this.#nextAudit + 1) % this.#window;
    const { low } = wilsonInterval(this.#disagreed, this.#audits.length);
    if (this.#audits.length >= leastAudits && low > this.#limits.mostLoss) this.#alarm();
    else if (isAgreed) this.factor = Math.max(1, this.factor * relax);
  }

  /** The greatest similarity of a request. */
  saw(similarity: number): void {
    if (!Number.isFinite(similarity)) return;
    const at = this.#seen % this.#window;
    this.#sum += similarity - (this.#seen < this.#window ? 0 : (this.#similarities[at] ?? 0));
    this.#similarities[at] = similarity;
    this.#seen++;
  }

  #alarm(): void {
    this.factor *= raise;
    this.#audits.length = 0;
    this.#disagreed = 0;
    this.#nextAudit = 0;
  }

  #hasFallen(): boolean {
    const { mean, deviation } = this.#limits.similarity;
    if (this.#seen < this.#window) return false;
    return this.#sum / this.#window < mean - (3 * deviation) / Math.sqrt(this.#window) - 1e-9;
  }
}
