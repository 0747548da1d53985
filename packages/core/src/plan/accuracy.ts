import { bitsOf } from '../codec/codec.ts';
import type { TensorId } from '../graph/graph.ts';
import type { Plan } from './plan.ts';
import type { PrecisionPolicy } from './policies.ts';
import type { Problem } from './problem.ts';
import type { TransferCodec } from './transfer-codec.ts';
import { withBits } from './with-bits.ts';

/** What sending a tensor with fewer bits costs in accuracy, measured on calibration data. */
export interface Accuracy {
  readonly rows: readonly AccuracyRow[];
}

export interface AccuracyRow {
  readonly tensor: TensorId;
  /** Of the affine codec, for one range a tensor. */
  readonly bits: number;
  /** Share of answers lost, 0 to 1, when this tensor alone is sent so. */
  readonly loss: number;
}

/**
 * The share of answers lost by a codec at a tensor. What the problem's accuracy does not state is **assumed**: affine codes lose
 * 0.32 × 2^−bits (0.125 % at 8 bits, 0.5 % at 6, 2 % at 4), 16 bits and pictures nothing. The assumption stands in until a model has
 * been calibrated; it is about as careful as published calibrations of ImageNet networks, and no statement about this one.
 */
export function codecLoss(
  { accuracy }: Pick<Problem, 'accuracy'>,
  tensor: TensorId,
  codec: TransferCodec,
): number {
  if (codec.kind !== 'affine') return 0;
  const bits = bitsOf(codec);
  const row = accuracy?.rows.find((candidate) => candidate.tensor === tensor && candidate.bits === bits);
  return row?.loss ?? 0.32 * 2 ** -bits;
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

function expectedLoss(
  problem: Problem,
  { transfers, policies }: Pick<Plan, 'transfers' | 'policies'>,
  precision: PrecisionPolicy,
): number {
  let loss = policies?.exits?.accuracyLoss ?? 0;
  for (const { bits, share } of precision.bits)
    for (const { tensor, codec } of withBits(transfers, precision, bits))
      loss += share * codecLoss(problem, tensor, codec);
  return Math.min(1, loss);
}
