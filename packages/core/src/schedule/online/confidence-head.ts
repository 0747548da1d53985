import type { Label } from '../../calibrate/calibration-sample.ts';
import type { AffineBits } from '../../codec/codec.ts';
import { InvalidInputError } from '../../errors.ts';
import { type BitsChoice, chooseBits, type Pace } from '../../plan/choose-bits.ts';
import type { Random } from '../../random.ts';
import type { Decider, KnownCentres, OnlineDecision } from './decider.ts';
import { DriftWatch } from './drift-watch.ts';
import type { PendingRequest } from './pending-features.ts';
import { RowMatrix } from './row-matrix.ts';

/** A linear classifier of pooled activations. */
export interface LinearHead {
  readonly channels: number;
  /** By row of `weights`. */
  readonly labels: readonly Label[];
  /** Row behind row, `channels` values and the row's constant. */
  readonly weights: Float32Array;
  /** A request leaves where the largest softmax value lies above this; null = none may. */
  readonly exitAbove: number | null;
  /** Of requests that go on. */
  readonly offlineBits: AffineBits;
}

export interface HeadOptions extends BitsChoice {
  /** The share of requests that could leave and are sent all the same, to see whether the server agrees. @default 0.02 */
  readonly auditShare?: number;
  /** The share of audits that may disagree. @default 0.005 */
  readonly mostLoss?: number;
  /** Audits from which drift is told. @default 200 */
  readonly window?: number;
  /** What audits had raised the strictness by. @default 1 */
  readonly factor?: number;
}

/** Audits that the server has not answered; the oldest are given up. */
const mostPending = 256;

type Draft = { -readonly [Key in keyof OnlineDecision]: OnlineDecision[Key] };

/**
 * An exit inside the network (SPINN): pooling, a linear classifier, and a threshold on the largest softmax value. O(labels × channels) a
 * request, nothing allocated.
 *
 * Differs from the paper in that some requests that could leave are audited: where the server disagrees too often, what the threshold
 * leaves to 1 is divided by `DriftWatch.factor`.
 */
export class ConfidenceHead implements Decider {
  readonly drift: DriftWatch;
  readonly #head: LinearHead;
  readonly #options: HeadOptions;
  readonly #auditShare: number;
  /** By request that is audited, what it would have been answered here. */
  readonly #audits: Map<PendingRequest, Label> = new Map();
  readonly #scores: Float64Array;
  readonly #matrix: RowMatrix;
  readonly #decision: Draft = { kind: 'send', label: null, bits: 8, isAudit: false, separability: 0 };

  /** Throws InvalidInputError where the weights have another size than labels and channels say. */
  constructor(head: LinearHead, options: HeadOptions = {}) {
    const { labels, channels, weights } = head;
    const expected = labels.length * (channels + 1);
    if (weights.length !== expected) {
      throw new InvalidInputError(
        `a head of ${labels.length} labels and ${channels} channels has ${weights.length} weights, expected ${expected}`,
        'Fit the head again.',
      );
    }
    this.#head = head;
    this.#options = options;
    const { auditShare = 0.02, mostLoss = 0.005, window = 200, factor = 1 } = options;
    this.#auditShare = auditShare;
    // Calibration keeps no similarities of a head: audits alone tell.
    this.drift = new DriftWatch({ mostLoss, similarity: { mean: 0, deviation: 0 }, window }, factor);
    this.#scores = new Float64Array(labels.length);
    this.#matrix = new RowMatrix(channels);
    for (let start = 0; start < expected; start += channels + 1)
      this.#matrix.add(weights.subarray(start, start + channels));
  }

  get exitsOff(): string | null {
    if (this.#head.exitAbove === null) return 'Exits are off: no confidence of the head is enough.';
    if (this.drift.isLost) return `Exits are off until the head is fitted anew. ${this.drift.reason}`;
    return null;
  }

  /** All that has to be known to go on from here. */
  known(): KnownCentres {
    return { centres: [], factor: this.drift.factor };
  }

  get recalibrate(): string | null {
    return this.drift.reason;
  }

  decide(
    request: PendingRequest,
    feature: Float32Array,
    pace: Pace | null,
    random: Random,
    _nowSeconds: number,
  ): OnlineDecision {
    const { offlineBits } = this.#head;
    const decision = this.#decision;
    this.#classify(feature);
    const { label } = decision;
    const mayLeave = label !== null && this.#mayLeave(decision.separability);
    decision.isAudit = mayLeave && random.next() < this.#auditShare;
    decision.kind = mayLeave && !decision.isAudit ? 'leave' : 'send';
    decision.bits = chooseBits(offlineBits, offlineBits, pace, this.#options);
    if (decision.isAudit && label !== null) this.#audit(request, label);
    return decision;
  }

  /** Never moves anything but the threshold. */
  answered(request: PendingRequest, label: Label): boolean {
    const own = this.#audits.get(request);
    if (own !== undefined) this.drift.audited(own === label);
    this.#audits.delete(request);
    return false;
  }

  forget(request: PendingRequest): void {
    this.#audits.delete(request);
  }

  #mayLeave(confidence: number): boolean {
    const { exitAbove } = this.#head;
    if (exitAbove === null || this.drift.isLost) return false;
    return confidence > 1 - (1 - exitAbove) / this.drift.factor;
  }

  #audit(request: PendingRequest, label: Label): void {
    for (const oldest of this.#audits.keys()) {
      if (this.#audits.size < mostPending) break;
      this.#audits.delete(oldest);
    }
    this.#audits.set(request, label);
  }

  /** Sets the decision's label and its softmax value; no label where the feature is not finite. */
  #classify(feature: Float32Array): void {
    const { channels, labels, weights } = this.#head;
    const scores = this.#scores;
    this.#matrix.multiply(feature);
    let best = 0;
    for (let row = 0; row < scores.length; row++) {
      const constant = weights[row * (channels + 1) + channels] ?? 0;
      const score = (this.#matrix.products[row] ?? 0) + constant;
      scores[row] = score;
      if (score > (scores[best] ?? 0)) best = row;
    }
    const top = scores[best] ?? Number.NaN;
    let sum = 0;
    for (const score of scores) sum += Math.exp(score - top);
    const value = 1 / sum;
    const isKnown = Number.isFinite(value) && value > 0;
    this.#decision.label = isKnown ? (labels[best] ?? null) : null;
    this.#decision.separability = isKnown ? value : 0;
  }
}
