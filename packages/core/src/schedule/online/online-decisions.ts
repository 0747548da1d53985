import type { OnlineThresholds } from '../../calibrate/calibrate-online.ts';
import type { Label } from '../../calibrate/calibration-sample.ts';
import { requiredBits } from '../../calibrate/required-bits.ts';
import { type BitsChoice, chooseBits, type Pace } from '../../plan/choose-bits.ts';
import type { Random } from '../../random.ts';
import { CentreComparison, type Similarity } from './centre-comparison.ts';
import type { Decider, KnownCentres, OnlineDecision } from './decider.ts';
import { DriftWatch } from './drift-watch.ts';
import { LabelCentres } from './label-centres.ts';
import { PendingFeatures, type PendingRequest } from './pending-features.ts';

export interface OnlineOptions extends BitsChoice {
  /** @default 'clamped' */
  readonly similarity?: Similarity;
  /** Taken off every feature before it is compared: the mean of the calibration's. @default nothing, as published */
  readonly centre?: Float32Array;
  /** Answers after which a label's centre counts. @default 5 */
  readonly leastCount?: number;
  /** Answers after which a centre is a moving average. @default 500 */
  readonly mostCount?: number;
  /** @default 10000 */
  readonly mostLabels?: number;
  /** The share of requests that could leave and are sent all the same, to see whether the server agrees. @default 0.02 */
  readonly auditShare?: number;
  /** The share of audits that may disagree. @default 0.005 */
  readonly mostLoss?: number;
  /** Requests, audited or seen, from which drift is told. @default 200 */
  readonly window?: number;
  /** Requests that the server has not answered. @default 256 */
  readonly mostPending?: number;
  /** @default 60 */
  readonly keepSeconds?: number;
}

type Draft = { -readonly [Key in keyof OnlineDecision]: OnlineDecision[Key] };

/**
 * COACH's online half at one cut, as a state that is asked about each request and told each answer of the server. It reads no clock, draws
 * from the generator that it is given, and allocates nothing for a request once its slots are filled. O(labels × channels) a request.
 *
 * Differs from the paper in that centres learn from the server's answers alone and as moving averages, that some requests are audited,
 * and that a request which resembles no label stays.
 */
export class OnlineDecisions implements Decider {
  readonly centres: LabelCentres;
  readonly drift: DriftWatch;
  readonly #thresholds: OnlineThresholds;
  readonly #options: OnlineOptions;
  readonly #comparison: CentreComparison;
  readonly #pending: PendingFeatures;
  readonly #feature: Float32Array;
  readonly #auditShare: number;
  readonly #decision: Draft = { kind: 'send', label: null, bits: 8, isAudit: false, separability: 0 };

  /** `channels` as `featureSize` says; the threshold's own notes say why exits may be off. */
  constructor(
    channels: number,
    thresholds: OnlineThresholds,
    known: KnownCentres,
    options: OnlineOptions = {},
  ) {
    const { mostCount = 500, mostLabels = 10_000, mostPending = 256, keepSeconds = 60 } = options;
    this.#thresholds = thresholds;
    this.#options = options;
    this.#auditShare = options.auditShare ?? 0.02;
    this.centres = new LabelCentres(channels, { mostCount, mostLabels });
    for (const { label, count, centre } of known.centres)
      if (centre.length === channels) this.centres.add(label, count, centre);
    const { mostLoss = 0.005, window = 200 } = options;
    this.drift = new DriftWatch({ mostLoss, similarity: thresholds.similarity, window }, known.factor);
    this.#comparison = new CentreComparison(options.similarity ?? 'clamped', options.leastCount ?? 5);
    this.#pending = new PendingFeatures(channels, mostPending, keepSeconds);
    this.#feature = new Float32Array(channels);
  }

  /** Why no request leaves, one sentence; null = some may. */
  get exitsOff(): string | null {
    const { exitAbove, notes } = this.#thresholds;
    if (exitAbove === null) return notes[0] ?? 'Exits are off: no separability is enough.';
    if (this.drift.isLost) return `Exits are off until the cut is calibrated anew. ${this.drift.reason}`;
    const usable = this.#usable;
    if (usable >= 2) return null;
    return `Exits are off: ${usable} labels have been seen ${this.#leastCount} times, expected at least 2.`;
  }

  /** Why the cut should be calibrated anew, one sentence; null = no need is seen. */
  get recalibrate(): string | null {
    const { reason } = this.drift;
    if (reason !== null) return reason;
    const usable = this.#usable;
    if (usable === this.#thresholds.labels) return null;
    return `There are ${usable} labels with enough answers, and the thresholds were calibrated with ${this.#thresholds.labels}.`;
  }

  /** All that has to be known to go on from here: views, to be used before the next answer. */
  known(): KnownCentres {
    const { labels, counts, matrix } = this.centres;
    const centres = labels.flatMap((label, row) => {
      const centre = matrix.rows[row];
      return centre === undefined ? [] : [{ label, count: counts[row] ?? 0, centre }];
    });
    return { centres, factor: this.drift.factor };
  }

  decide(
    request: PendingRequest,
    feature: Float32Array,
    pace: Pace | null,
    random: Random,
    nowSeconds: number,
  ): OnlineDecision {
    const { exitAbove, fewerBits, offlineBits } = this.#thresholds;
    const own = this.#centred(feature);
    const comparison = this.#comparison;
    comparison.run(this.centres, own);
    const isKnown = comparison.row >= 0;
    if (isKnown) this.drift.saw(comparison.highest);
    const score = this.#comparable(comparison.separability, comparison.labels);
    const mayLeave = exitAbove !== null && this.#mayLeave(score, exitAbove);
    const isAudit = mayLeave && random.next() < this.#auditShare;
    const decision = this.#decision;
    decision.separability = score;
    decision.label = isKnown ? (this.centres.labels[comparison.row] ?? null) : null;
    decision.kind = mayLeave && !isAudit ? 'leave' : 'send';
    decision.isAudit = isAudit;
    decision.bits = chooseBits(requiredBits(score, fewerBits, offlineBits), offlineBits, pace, this.#options);
    if (decision.kind === 'send')
      this.#pending.keep(request, own, isAudit ? decision.label : null, nowSeconds);
    return decision;
  }

  /** The server's answer, which may come late or never. False where it moved no centre. */
  answered(request: PendingRequest, label: Label, nowSeconds: number): boolean {
    const pending = this.#pending.find(request, nowSeconds);
    if (pending === null) return false;
    if (pending.ownLabel !== null) this.drift.audited(pending.ownLabel === label);
    const isMoved = this.centres.update(label, pending.feature);
    this.#pending.drop(request);
    return isMoved;
  }

  forget(request: PendingRequest): void {
    this.#pending.drop(request);
  }

  get #leastCount(): number {
    return this.#options.leastCount ?? 5;
  }

  /** Labels that requests are compared with, which is what thresholds count. */
  get #usable(): number {
    let count = 0;
    for (const answers of this.centres.counts) if (answers >= this.#leastCount) count++;
    return count;
  }

  #mayLeave(score: number, exitAbove: number): boolean {
    const { mostDistance } = this.#thresholds;
    if (this.drift.isLost || this.#comparison.labels < 2) return false;
    if (mostDistance !== null && !(this.#comparison.distance <= mostDistance)) return false;
    return score > exitAbove * this.drift.factor;
  }

  /** |t| grows like √labels, and thresholds hold for the number of labels that they were calibrated with. */
  #comparable(score: number, labels: number): number {
    const calibrated = this.#thresholds.labels;
    return labels === calibrated || calibrated === 0 ? score : score * Math.sqrt(calibrated / labels);
  }

  #centred(feature: Float32Array): Float32Array {
    const own = this.#feature;
    const { centre } = this.#options;
    for (let channel = 0; channel < own.length; channel++)
      own[channel] = (feature[channel] ?? Number.NaN) - (centre?.[channel] ?? 0);
    return own;
  }
}
