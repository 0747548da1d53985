import type { Graph } from '@tandem/core';
import type { OutputDifference } from '@tandem/runtime';

/** Whether a split answer counts as the whole model's (ARCHITECTURE.md, "Three equalities"). */
export interface Equality {
  /** 'b': bit for bit at graph optimisation basic. 'c': within a tolerance at the default optimisation. */
  readonly kind: 'b' | 'c';
  readonly maxAbsoluteDifference: number;
  readonly holds: boolean;
  /** The rule in words. */
  readonly rule: string;
}

const tolerance = 1e-5;
/** ONNX Runtime computes fp16 graphs in fp32 between graph edges; a cut adds an edge, and so a rounding. */
const halfTolerance = 2e-3;

export function judgeEquality(
  difference: OutputDifference,
  optimisation: 'all' | 'basic',
  graph: Graph,
): Equality {
  const { maxAbsoluteDifference } = difference;
  const half = graph.tensors.some(({ type }) => type === 'float16');
  if (optimisation === 'basic' && !half) {
    return { kind: 'b', maxAbsoluteDifference, holds: difference.identical, rule: 'bit for bit' };
  }
  const limit = half ? halfTolerance : tolerance;
  return {
    kind: 'c',
    maxAbsoluteDifference,
    holds: difference.maxRelativeDifference <= limit && difference.sameTop1,
    rule: `within ${limit} of the largest output and the same top-1${half ? ' (a cut rounds fp16 graphs)' : ''}`,
  };
}
