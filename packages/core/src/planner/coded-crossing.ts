import type { Tensor, TensorId } from '../graph/graph.ts';
import { hasHalfPrecision, isUncalibrated, measuredLoss } from '../plan/accuracy.ts';
import type { CodecOf } from '../plan/plan-of.ts';
import type { Problem } from '../plan/problem.ts';
import { codecFault, type TransferCodec, transferBytes } from '../plan/transfer-codec.ts';

/**
 * `codec` for every tensor that it can carry in fewer bytes and that may travel coded; half precision where calibration found that no
 * bits of the affine codec are safe; answers and all others travel raw.
 */
export function codedCrossing(problem: Problem, codec: TransferCodec): CodecOf {
  const { graph } = problem;
  return ({ tensor }) => {
    const row = graph.tensors[tensor];
    if (row === undefined || graph.outputs.includes(tensor)) return { kind: 'raw' };
    if (isUncalibrated(problem, tensor, codec)) return { kind: 'raw' };
    const own = isUnsafe(problem, tensor, codec) ? half : codec;
    return isShorter(row, own) ? own : { kind: 'raw' };
  };
}

const half: TransferCodec = { kind: 'fp16' };

/** Whether half precision alone was found to be safe. */
function isUnsafe(problem: Problem, tensor: TensorId, codec: TransferCodec): boolean {
  if (codec.kind !== 'affine' || !hasHalfPrecision(problem, tensor)) return false;
  return measuredLoss(problem, tensor, codec.bits) === null;
}

/** Whether the codec can carry the tensor, in fewer bytes than it has. */
export function isShorter(tensor: Tensor, codec: TransferCodec): boolean {
  return codecFault(tensor, codec) === null && transferBytes(tensor, codec) < tensor.bytes;
}
