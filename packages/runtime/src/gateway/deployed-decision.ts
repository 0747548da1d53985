import type {
  AffineBits,
  Codec,
  DeviceId,
  Label,
  OnlineThresholds,
  PrecisionRule,
  Seconds,
  Similarity,
} from '@tandem/core';

/**
 * What is decided at the end of a stage for each request: whether it leaves there, answered by a label, and with how many bits it
 * crosses otherwise. Its matrix of float32 (`matrixBytes`) travels behind the deployment, matrix behind matrix in this order.
 */
export interface DeployedDecision {
  /** Position in `Plan.stages`; at most one decision each. */
  readonly stage: number;
  /** Outputs of the stage, whose channels' means are looked at, one tensor behind the other. */
  readonly tensors: readonly string[];
  /** Of all tensors together. */
  readonly channels: number;
  /** By row of the matrix. */
  readonly labels: readonly Label[];
  readonly by: DecidedByCentres | DecidedByHead;
  /** Null = what crosses does so as its route says. */
  readonly bits: DeployedBits | null;
}

/** COACH: rows are the labels' centres. */
export interface DecidedByCentres {
  readonly kind: 'centres';
  /** By row: answers that the centre is the mean of. */
  readonly counts: readonly number[];
  readonly thresholds: OnlineThresholds;
  /** What audits had raised the exit threshold by, >= 1. */
  readonly factor: number;
  /** OnlineOptions */
  readonly similarity: Similarity;
  readonly leastCount: number;
  readonly auditShare: number;
  readonly mostLoss: number;
}

/** SPINN: rows are the labels' weights, a constant behind each. */
export interface DecidedByHead {
  readonly kind: 'confidence';
  /** Null = no request leaves. */
  readonly exitAbove: number | null;
  readonly offlineBits: AffineBits;
  /** What audits had raised its strictness by, >= 1. */
  readonly factor: number;
  /** HeadOptions */
  readonly auditShare: number;
  readonly mostLoss: number;
}

/** Bits an element, chosen for each request; every tensor of it crosses with the same number. */
export interface DeployedBits {
  readonly rule: PrecisionRule;
  /** Never fewer, never more. */
  readonly least: AffineBits;
  readonly most: AffineBits;
  readonly ways: readonly DecidedWay[];
  /** Of the slower of the devices for one request, until it was measured. */
  readonly slowerSeconds: Seconds;
  /** Half a round trip and what each message costs. */
  readonly oneWaySeconds: Seconds;
}

/** A route whose codec is affine, with other bits for each request. */
export interface DecidedWay {
  readonly tensor: string;
  readonly to: DeviceId;
}

/** The codec with these bits; codecs without bits stay as they are. */
export function codecWithBits(codec: Codec, bits: AffineBits | null): Codec {
  return codec.kind === 'affine' && bits !== null ? { ...codec, bits } : codec;
}

/** The devices that decide something. */
export function decidingDevices({
  decisions = [],
  stages,
}: {
  readonly decisions?: readonly DeployedDecision[];
  readonly stages: readonly { readonly stage: number; readonly device: DeviceId }[];
}): ReadonlySet<DeviceId> {
  const deciding = stages.filter(({ stage }) => decisions.some((decision) => decision.stage === stage));
  return new Set(deciding.map(({ device }) => device));
}

export const columnsOf = ({ channels, by }: Pick<DeployedDecision, 'channels' | 'by'>): number =>
  by.kind === 'centres' ? channels : channels + 1;

/** Of what travels behind a deployment with these decisions. */
export function matrixBytes(decisions: readonly DeployedDecision[]): number {
  return decisions.reduce(
    (sum, decision) => sum + Float32Array.BYTES_PER_ELEMENT * decision.labels.length * columnsOf(decision),
    0,
  );
}
