import type { Label } from '../../calibrate/calibration-sample.ts';
import type { AffineBits } from '../../codec/codec.ts';
import type { Pace } from '../../plan/choose-bits.ts';
import type { Random } from '../../random.ts';
import type { PendingRequest } from './pending-features.ts';

/** What becomes of a request at the cut; overwritten by the next `decide`. */
export interface OnlineDecision {
  /** 'leave': answered by `label` here, nothing is sent. 'send': with `bits` bits. */
  readonly kind: 'leave' | 'send';
  /** What would be answered here; null where nothing can be said. */
  readonly label: Label | null;
  readonly bits: AffineBits;
  /** Sent although it could have left. */
  readonly isAudit: boolean;
  /** What the exit's threshold is held against: the separability by the centres, or a head's largest softmax value. */
  readonly separability: number;
}

/** Whoever decides at a cut: the labels' centres (COACH) or a head (SPINN). */
export interface Decider {
  /** Why no request leaves, one sentence; null = some may. */
  readonly exitsOff: string | null;
  /** Why the cut should be calibrated anew, one sentence; null = no need is seen. */
  readonly recalibrate: string | null;
  /** `feature` is the request's pooled activation; `pace` null = the bandwidth is not known. */
  decide(
    request: PendingRequest,
    feature: Float32Array,
    pace: Pace | null,
    random: Random,
    nowSeconds: number,
  ): OnlineDecision;
  /** The server's answer, which may come late or never. False where nothing was learned from it. */
  answered(request: PendingRequest, label: Label, nowSeconds: number): boolean;
  /** The request has ended without an answer. */
  forget(request: PendingRequest): void;
}

/** What is known when a stream starts: as calibrated, or as saved. A head has no centres. */
export interface KnownCentres {
  readonly centres: readonly {
    readonly label: Label;
    readonly count: number;
    readonly centre: Float32Array;
  }[];
  /** What audits had raised the exit threshold by. @default 1 */
  readonly factor?: number;
}
