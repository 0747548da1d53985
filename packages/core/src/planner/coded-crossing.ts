import type { Tensor } from '../graph/graph.ts';
import { isUncalibrated } from '../plan/accuracy.ts';
import type { CodecOf } from '../plan/plan-of.ts';
import type { Problem } from '../plan/problem.ts';
import { codecFault, type TransferCodec, transferBytes } from '../plan/transfer-codec.ts';

/** `codec` for every tensor that it can carry in fewer bytes and that may travel coded; answers and all others travel raw. */
export function codedCrossing(problem: Problem, codec: TransferCodec): CodecOf {
  const { graph } = problem;
  return ({ tensor }) => {
    const row = graph.tensors[tensor];
    if (row === undefined || graph.outputs.includes(tensor)) return { kind: 'raw' };
    if (isUncalibrated(problem, tensor, codec)) return { kind: 'raw' };
    return isShorter(row, codec) ? codec : { kind: 'raw' };
  };
}

/** Whether the codec can carry the tensor, in fewer bytes than it has. */
export function isShorter(tensor: Tensor, codec: TransferCodec): boolean {
  return codecFault(tensor, codec) === null && transferBytes(tensor, codec) < tensor.bytes;
}
