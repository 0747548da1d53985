import { median } from '../paired.ts';
import { medianInterval } from '../predict/median-interval.ts';
import type { CutLine, RequestLine } from './lines.ts';

/** A cut's predictions beside the medians of what was measured, in seconds. */
export interface CutResult {
  readonly cut: CutLine;
  readonly requests: number;
  /** Inside ONNX Runtime × the slowdown: what the imitated device would have taken. */
  readonly headSeconds: number;
  readonly transferSeconds: number;
  readonly tailSeconds: number;
  readonly latency: { readonly median: number; readonly low: number; readonly high: number };
  /** Latency − paced head − transfer − tail: what no prediction speaks of. */
  readonly restSeconds: number;
}

export function cutResults(
  cuts: readonly CutLine[],
  requests: readonly RequestLine[],
  slowdown: number,
): CutResult[] {
  return cuts.flatMap((cut) => {
    const own = requests.filter((request) => request.cut === cut.cut);
    if (own.length === 0) return [];
    const medianOf = (valueOf: (request: RequestLine) => number): number => median(own.map(valueOf));
    return {
      cut,
      requests: own.length,
      headSeconds: slowdown * medianOf((request) => request.headSeconds),
      transferSeconds: medianOf((request) => request.transferSeconds),
      tailSeconds: medianOf((request) => request.tailSeconds),
      latency: medianInterval(own.map((request) => request.latencySeconds)),
      restSeconds: medianOf(
        ({ latencySeconds, pacedSeconds, transferSeconds, tailSeconds }) =>
          latencySeconds - pacedSeconds - transferSeconds - tailSeconds,
      ),
    };
  });
}

/** Mean absolute percentage errors over the cuts: heads and tails, and transfers. 0.1 = 10 %. */
export interface Errors {
  readonly compute: number;
  readonly transfer: number;
  readonly latency: number;
}

export function errorsOf(results: readonly CutResult[]): Errors {
  return {
    compute: meanError(
      results.flatMap(({ cut, headSeconds, tailSeconds }) => [
        [cut.headSeconds, headSeconds],
        [cut.tailSeconds, tailSeconds],
      ]),
    ),
    transfer: meanError(results.map(({ cut, transferSeconds }) => [cut.transferSeconds, transferSeconds])),
    latency: meanError(results.map(({ cut, latency }) => [cut.latencySeconds, latency.median])),
  };
}

function meanError(pairs: readonly (readonly [predicted: number, measured: number])[]): number {
  const errors = pairs.map(([predicted, measured]) => Math.abs(predicted - measured) / measured);
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

export interface Pick {
  /** Predicted best. */
  readonly picked: CutResult;
  /** Measured best. */
  readonly best: CutResult;
  /** Measured medians, picked / best. */
  readonly ratio: number;
  /** Within 3 % of the best, or within the interval of the best's median. */
  readonly holds: boolean;
}

const closeEnough = 1.03;

/** Null for no cuts. The first of equals. */
export function pickOf(results: readonly CutResult[]): Pick | null {
  const picked = leastBy(results, ({ cut }) => cut.latencySeconds);
  const best = leastBy(results, ({ latency }) => latency.median);
  if (picked === null || best === null) return null;
  const ratio = picked.latency.median / best.latency.median;
  return { picked, best, ratio, holds: ratio <= closeEnough || picked.latency.median <= best.latency.high };
}

function leastBy<Value>(values: readonly Value[], keyOf: (value: Value) => number): Value | null {
  return values.reduce<Value | null>(
    (least, value) => (least === null || keyOf(value) < keyOf(least) ? value : least),
    null,
  );
}
