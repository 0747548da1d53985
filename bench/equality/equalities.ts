import type { Graph } from '@tandem/core';
import type { OutputDifference } from '@tandem/runtime';

/** What became of the three equalities at one cut. */
export interface CutEqualities {
  /** The tensors that cross. */
  readonly boundary: string;
  readonly tensors: number;
  /** Distributed = back to back, default optimisation. */
  readonly a: OutputDifference;
  /** Segments = whole, optimisation `basic`. */
  readonly b: OutputDifference;
  /** Segments = whole, default optimisation. */
  readonly c: OutputDifference;
}

export type EqualityKind = 'a' | 'b' | 'c';

/** The tolerance of (c): relative to the largest output. */
export const tolerance = { float32: 1e-5, float16: 2e-3 } as const;

export const isHalfPrecision = (graph: Graph): boolean =>
  graph.tensors.some((tensor) => tensor.type === 'float16');

/** (b) is promised for fp32 only; null = not promised. */
export function holds(kind: EqualityKind, equalities: CutEqualities, half: boolean): boolean | null {
  if (kind === 'a') return equalities.a.identical;
  if (kind === 'b') return half ? null : equalities.b.identical;
  const { maxRelativeDifference, sameTop1 } = equalities.c;
  return sameTop1 && maxRelativeDifference <= (half ? tolerance.float16 : tolerance.float32);
}
