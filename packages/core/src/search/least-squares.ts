import { requireSamples, type Samples } from './regression-tree.ts';

export interface LeastSquaresOptions {
  /** Weight of the coefficients' squares, relative to the mean square of their column. @default 1e-6 */
  readonly ridge?: number;
  /** No coefficient below zero. @default false */
  readonly nonNegative?: boolean;
  /** Sweeps over the coefficients at most. @default 5000 */
  readonly sweeps?: number;
}

/** A sweep that changes no scaled coefficient by more than this part of the largest ends the search. */
const settled = 1e-12;

/**
 * The coefficients w that minimise Σ (row · w − target)² + ridge, by coordinate descent on the normal equations: the problem is
 * convex, with or without the bound at zero, so the descent ends at its one minimum. Columns are scaled to mean square 1 first; a
 * column of zeros gets 0. No intercept: give a column of ones. O(rows × columns² + sweeps × columns²). Throws InvalidInputError for
 * samples that cannot be learnt from.
 */
export function leastSquares(samples: Samples, options: LeastSquaresOptions = {}): number[] {
  requireSamples(samples);
  const { ridge = 1e-6, nonNegative = false, sweeps = 5000 } = options;
  const width = samples.rows[0]?.length ?? 0;
  const scales = Array.from({ length: width }, (_, column) => rootMeanSquare(samples.rows, column));
  const { gram, moments } = normalEquations(samples, scales);
  const weights = Array.from({ length: width }, () => 0);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const change = sweepOnce(weights, gram, moments, ridge, nonNegative);
    if (change <= settled * Math.max(...weights.map(Math.abs))) break;
  }
  return weights.map((weight, column) => (scales[column] ? weight / scales[column] : 0));
}

function sweepOnce(
  weights: number[],
  gram: readonly (readonly number[])[],
  moments: readonly number[],
  ridge: number,
  nonNegative: boolean,
): number {
  let change = 0;
  for (const [column, row] of gram.entries()) {
    const own = row[column] ?? 0;
    if (own === 0) continue;
    const old = weights[column] ?? 0;
    const others = row.reduce((sum, value, other) => sum + value * (weights[other] ?? 0), 0) - own * old;
    const free = ((moments[column] ?? 0) - others) / (own + ridge);
    const next = nonNegative ? Math.max(0, free) : free;
    weights[column] = next;
    change = Math.max(change, Math.abs(next - old));
  }
  return change;
}

/** XᵀX and Xᵀy over the number of rows, columns scaled. */
function normalEquations({ rows, targets }: Samples, scales: readonly number[]) {
  const gram = scales.map(() => scales.map(() => 0));
  const moments = scales.map(() => 0);
  for (const [index, row] of rows.entries()) {
    const scaled = row.map((value, column) => (scales[column] ? value / scales[column] : 0));
    for (const [column, value] of scaled.entries()) {
      moments[column] = (moments[column] ?? 0) + (value * (targets[index] ?? 0)) / rows.length;
      const line = gram[column] ?? [];
      for (const [other, factor] of scaled.entries())
        line[other] = (line[other] ?? 0) + (value * factor) / rows.length;
    }
  }
  return { gram, moments };
}

function rootMeanSquare(rows: readonly (readonly number[])[], column: number): number {
  const squares = rows.reduce((sum, row) => sum + (row[column] ?? 0) ** 2, 0);
  return Math.sqrt(squares / rows.length);
}
