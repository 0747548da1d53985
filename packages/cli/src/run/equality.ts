import { codecName, type Graph } from '@tandem/core';
import type { Answer, OutputDifference } from '@tandem/runtime';

/** Whether a split answer counts as the whole model's (ARCHITECTURE.md, "Three equalities"). */
export interface Equality {
  /**
   * 'b': bit for bit at graph optimisation basic. 'c': within a tolerance at the default optimisation. 'lossy': the plan's codecs may
   * change the answer, so only the top-1 is held against the whole model's.
   */
  readonly kind: 'b' | 'c' | 'lossy';
  readonly maxAbsoluteDifference: number;
  readonly sameTop1: boolean;
  readonly holds: boolean;
  /** The rule in words. */
  readonly rule: string;
}

const tolerance = 1e-5;
/** ONNX Runtime computes fp16 graphs in fp32 between graph edges; a cut adds an edge, and so a rounding. */
const halfTolerance = 2e-3;

/** `codecs`: the lossy ones in which tensors really crossed. */
export function judgeEquality(
  difference: OutputDifference,
  optimisation: 'all' | 'basic',
  graph: Graph,
  codecs: readonly string[],
): Equality {
  const { maxAbsoluteDifference, sameTop1 } = difference;
  const found = { maxAbsoluteDifference, sameTop1 };
  if (codecs.length > 0) {
    return { kind: 'lossy', ...found, holds: sameTop1, rule: `the same top-1 (${codecs.join(', ')}: lossy)` };
  }
  const half = graph.tensors.some(({ type }) => type === 'float16');
  if (optimisation === 'basic' && !half) {
    return { kind: 'b', ...found, holds: difference.identical, rule: 'bit for bit' };
  }
  const limit = half ? halfTolerance : tolerance;
  return {
    kind: 'c',
    ...found,
    holds: difference.maxRelativeDifference <= limit && sameTop1,
    rule: `within ${limit} of the largest output and the same top-1${half ? ' (a cut rounds fp16 graphs)' : ''}`,
  };
}

/** What may have changed the answer. */
export function lossyWays({ exit, transfers }: Answer): string[] {
  const codecs = transfers.flatMap(({ codec }) => (codec.kind === 'raw' ? [] : [codecName(codec)]));
  return [...(exit === null ? [] : [`answered early by stage ${exit.stage}`]), ...new Set(codecs)];
}

/** Of several answers: one that breaks its rule, else the one that is furthest off. */
export function worstEquality(all: readonly [Equality, ...Equality[]]): Equality {
  return all.reduce((worst, one) => {
    if (worst.holds !== one.holds) return worst.holds ? one : worst;
    return one.maxAbsoluteDifference > worst.maxAbsoluteDifference ? one : worst;
  });
}
