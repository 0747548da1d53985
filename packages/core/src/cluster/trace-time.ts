import type { TracePoint } from './rate.ts';

/** Position of the last point at or before `seconds`; the first where all are later. */
export function pointIndexAt(points: readonly TracePoint[], seconds: number): number {
  let low = 0;
  let high = points.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((points[middle]?.seconds ?? 0) <= seconds) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** When the trace starts again: the last point lasts as long as the one before it, 1 s when it is alone. */
export function lapSeconds(points: readonly TracePoint[]): number {
  const last = points.at(-1)?.seconds ?? 0;
  const before = points.at(-2)?.seconds;
  return before === undefined ? last + 1 : last + (last - before);
}
