import type { Label } from '../../calibrate/calibration-sample.ts';
import type { AffineBits } from '../../codec/codec.ts';
import { InvalidInputError } from '../../errors.ts';
import type { Random } from '../../random.ts';
import { type BitsChoice, chooseBits, type Pace } from './choose-bits.ts';
import type { Decider, OnlineDecision } from './decider.ts';
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

type Draft = { -readonly [Key in keyof OnlineDecision]: OnlineDecision[Key] };

/**
 * An exit inside the network (SPINN): pooling, a linear classifier, and a threshold on the largest softmax value. It learns nothing while
 * it runs. O(labels × channels) a request, nothing allocated.
 */
export class ConfidenceHead implements Decider {
  readonly recalibrate: string | null = null;
  readonly #head: LinearHead;
  readonly #options: BitsChoice;
  readonly #scores: Float64Array;
  readonly #matrix: RowMatrix;
  readonly #decision: Draft = { kind: 'send', label: null, bits: 8, isAudit: false, separability: 0 };

  /** Throws InvalidInputError where the weights have another size than labels and channels say. */
  constructor(head: LinearHead, options: BitsChoice = {}) {
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
    this.#scores = new Float64Array(labels.length);
    this.#matrix = new RowMatrix(channels);
    for (let start = 0; start < expected; start += channels + 1)
      this.#matrix.add(weights.subarray(start, start + channels));
  }

  get exitsOff(): string | null {
    return this.#head.exitAbove === null ? 'Exits are off: no confidence of the head is enough.' : null;
  }

  decide(
    _request: PendingRequest,
    feature: Float32Array,
    pace: Pace | null,
    _random: Random,
    _nowSeconds: number,
  ): OnlineDecision {
    const { exitAbove, offlineBits } = this.#head;
    const decision = this.#decision;
    this.#classify(feature);
    const isKnown = decision.label !== null;
    decision.kind = isKnown && exitAbove !== null && decision.separability > exitAbove ? 'leave' : 'send';
    decision.bits = chooseBits(offlineBits, offlineBits, pace, this.#options);
    return decision;
  }

  answered(): boolean {
    return false;
  }

  forget(): void {
    // Nothing is remembered of a request.
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
