import { bitsOf } from '../codec/codec.ts';
import type { TensorId } from '../graph/graph.ts';
import { areTensorsOf, type CutTensors } from './cut-tensors.ts';
import type { Plan } from './plan.ts';
import type { BitsShare, PrecisionPolicy } from './policies.ts';
import type { Problem } from './problem.ts';
import type { TransferCodec } from './transfer-codec.ts';
import { isCovered, withBits } from './with-bits.ts';

/** What sending a tensor with fewer bits costs in accuracy, measured on calibration data. */
export interface Accuracy {
  readonly rows: readonly AccuracyRow[];
  /** The data, for a person. */
  readonly data?: string;
  /** What a tensor of which no row speaks may be: coded at an assumed loss, or raw alone. @default 'assumed' */
  readonly others?: 'assumed' | 'raw';
  /** What requests come to that cross with bits of their own. @default nothing is known of such */
  readonly chosen?: readonly ChosenBits[];
}

/** Bits that a rule asks for request by request, the same for all that crosses a cut. */
export interface ChosenBits extends CutTensors {
  /** Whether only requests cross that did not leave by the centres of the cut. */
  readonly afterExits: boolean;
  /** The fewest that are enough: ascending, of the requests that cross. */
  readonly bits: readonly BitsShare[];
  /** Share of the answers of all requests, as of a row. */
  readonly loss: number;
  readonly samples?: number;
  readonly low?: number;
  readonly high?: number;
}

export interface AccuracyRow {
  readonly tensor: TensorId;
  /** Of the affine codec, for one range a tensor; or 16, half precision. */
  readonly bits: number;
  /** Share of answers lost, 0 to 1, when this tensor alone is sent so. */
  readonly loss: number;
  /** How many samples that was counted in, and where the share may lie. */
  readonly samples?: number;
  readonly low?: number;
  readonly high?: number;
}

/**
 * The share of answers lost by a codec at a tensor. Of a tensor that was measured, bits that were not lose what the next fewer ones do,
 * and all answers where there are none: fewer bits than the search came to are not worth believing in. Where tensors of which no row
 * speaks stay raw, codes lose all answers there, too. Else what the problem's accuracy does not mention at all is **assumed**: affine codes lose 0.32 × 2^−bits (0.125 % at 8 bits, 0.5 % at 6, 2 % at 4), 16 bits and pictures
 * nothing. The assumption stands in until a model has been calibrated; it is about as careful as published calibrations of ImageNet
 * networks, and no statement about this one.
 */
export function codecLoss(
  problem: Pick<Problem, 'accuracy'>,
  tensor: TensorId,
  codec: TransferCodec,
): number {
  if (codec.kind === 'fp16') return measuredLoss(problem, tensor, 16)?.loss ?? 0;
  if (codec.kind !== 'affine') return 0;
  const row = measuredLoss(problem, tensor, bitsOf(codec));
  if (row === undefined) return isUncalibrated(problem, tensor, codec) ? 1 : 0.32 * 2 ** -bitsOf(codec);
  return row === null ? 1 : row.loss;
}

/** The row that says what sending a tensor with `bits` bits costs; null = only more bits were measured, undefined = none. */
export function measuredLoss(
  { accuracy }: Pick<Problem, 'accuracy'>,
  tensor: TensorId,
  bits: number,
): AccuracyRow | null | undefined {
  let isKnown = false;
  let best: AccuracyRow | null = null;
  for (const row of accuracy?.rows ?? []) {
    if (row.tensor !== tensor) continue;
    isKnown = true;
    if (row.bits <= bits && row.bits > (best?.bits ?? 0)) best = row;
  }
  return isKnown ? best : undefined;
}

/** Whether calibration measured half precision at the tensor: where it did, that is what fewer bits are given up for. */
export function hasHalfPrecision({ accuracy }: Pick<Problem, 'accuracy'>, tensor: TensorId): boolean {
  return accuracy?.rows.some((row) => row.tensor === tensor && row.bits === 16) ?? false;
}

/** Whether nothing is known, nor assumed, of what the codec costs at the tensor. */
export function isUncalibrated(
  { accuracy }: Pick<Problem, 'accuracy'>,
  tensor: TensorId,
  { kind }: TransferCodec,
): boolean {
  return (
    kind === 'affine' && accuracy?.others === 'raw' && !accuracy.rows.some((row) => row.tensor === tensor)
  );
}

/** An upper bound for several tensors and exits: the sum of what each loses alone, in expectation, at most 1. */
export function planLoss(problem: Problem, plan: Pick<Plan, 'transfers' | 'policies'>): number {
  const { transfers, policies } = plan;
  if (policies?.precision !== undefined) return expectedLoss(problem, plan, policies.precision);
  let loss = policies?.exits?.accuracyLoss ?? 0;
  for (const { tensor, codec } of transfers)
    if (codec.kind !== 'raw') loss += codecLoss(problem, tensor, codec);
  return Math.min(1, loss);
}

/** What was measured of the bits that the plan's policy chooses; null where the cut was not measured in this way, or they are fewer than were enough. */
export function chosenLoss(
  { accuracy }: Pick<Problem, 'accuracy'>,
  { policies }: Pick<Plan, 'policies'>,
): ChosenBits | null {
  const { exits, precision } = policies ?? {};
  if (precision === undefined) return null;
  const covered = precision.transfers.map(({ tensor }) => tensor);
  const afterExits = exits !== undefined;
  if (exits?.points.some((point) => point.kind !== 'centres' || !areTensorsOf(point, covered)) === true)
    return null;
  const row = accuracy?.chosen?.find((own) => areTensorsOf(own, covered) && own.afterExits === afterExits);
  return row !== undefined && areEnough(precision.bits, row.bits) ? row : null;
}

/** Whether no number of bits is the most of more requests than it was enough for. Shares of a file are rounded. */
function areEnough(bits: readonly BitsShare[], needed: readonly BitsShare[]): boolean {
  const upTo = (list: readonly BitsShare[], most: number): number =>
    list.reduce((sum, own) => sum + (own.bits <= most ? own.share : 0), 0);
  return bits.every((own) => upTo(bits, own.bits) <= upTo(needed, own.bits) + 1e-6);
}

function expectedLoss(
  problem: Problem,
  { transfers, policies }: Pick<Plan, 'transfers' | 'policies'>,
  precision: PrecisionPolicy,
): number {
  let loss = policies?.exits?.accuracyLoss ?? 0;
  const chosen = policies === undefined ? null : chosenLoss(problem, { policies });
  if (chosen !== null) {
    for (const transfer of transfers)
      if (!isCovered(precision, transfer)) loss += codecLoss(problem, transfer.tensor, transfer.codec);
    return Math.min(1, loss + chosen.loss);
  }
  for (const { bits, share } of precision.bits)
    for (const { tensor, codec } of withBits(transfers, precision, bits))
      loss += share * codecLoss(problem, tensor, codec);
  return Math.min(1, loss);
}
