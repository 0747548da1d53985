import type { DeviceId } from '../cluster/cluster.ts';
import type { AffineBits } from '../codec/codec.ts';
import type { TensorId } from '../graph/graph.ts';
import type { CutTensors } from './cut-tensors.ts';

/**
 * What a plan leaves to be decided request by request, and how often each decision is expected to fall: where a request may be
 * answered before the model has ended, and with how many bits a tensor crosses. `evaluate` prices a plan with policies in expectation.
 */
export interface Policies {
  readonly exits?: ExitPolicy;
  readonly precision?: PrecisionPolicy;
}

/** One way to use exits, as it was measured on calibration data: a setting of the problem's `ExitTable`. */
export interface ExitPolicy {
  /**
   * At least one, in the order in which a request comes by; each at the end of a stage, on a tensor that alone leads on, or on several that
   * together do: such a point is its policy's only one.
   */
  readonly points: readonly ExitPoint[];
  /** The share of answers, 0 to 1, that all of them together cost. */
  readonly accuracyLoss: number;
}

/** What the exit looks at: requests that it answers neither send these tensors on nor run a stage after its own. */
export interface ExitPoint extends CutTensors {
  readonly kind: ExitKind;
  /** A request leaves where the head's largest softmax value, or the separability by the centres, lies above it. */
  readonly threshold: number;
  /** Of all requests, 0 to 1: those that are expected to leave here. */
  readonly share: number;
}

/**
 * 'confidence': a classifier inside the network answers (SPINN). 'centres': the answer is the label whose mean activation is most
 * similar (COACH).
 */
export type ExitKind = (typeof exitKinds)[number];

export const exitKinds: readonly ['confidence', 'centres'] = ['confidence', 'centres'];

/** Tensors of which each request sends all with the same number of bits, chosen for it by a rule (COACH, equation 11). */
export interface PrecisionPolicy {
  readonly rule: PrecisionRule;
  /** Each crosses with the affine codec; in the plan with the most bits of `bits` that is safe for every request. */
  readonly transfers: readonly PrecisionTransfer[];
  /** What the rule is expected to choose; ascending, shares adding up to 1. */
  readonly bits: readonly BitsShare[];
}

export interface PrecisionTransfer {
  readonly tensor: TensorId;
  readonly to: DeviceId;
}

export interface BitsShare {
  readonly bits: AffineBits;
  /** Of the requests that cross, 0 to 1. */
  readonly share: number;
}

/** 'fill': the most bits that lengthen no period. 'paper-min': the fewest whose transfer takes as long as the slower device. */
export type PrecisionRule = (typeof precisionRules)[number];

export const precisionRules: readonly ['fill', 'paper-min'] = ['fill', 'paper-min'];
