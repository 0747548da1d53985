import { type Seconds, seconds } from '../units.ts';
import type { Link } from './cluster.ts';
import type { TracePoint, TraceRate } from './rate.ts';
import { rateAt } from './rate-at.ts';
import { lapSeconds, pointIndexAt } from './trace-time.ts';

/**
 * How long `bytes` bytes occupy the link's line when the first is sent at `startSeconds`: the time after which the integral of the
 * rate reaches them, exact for steps. Neither `perMessageSeconds` nor the round trip is in it. Infinity when they never arrive.
 */
export function transferSeconds(link: Pick<Link, 'rate'>, bytes: number, startSeconds: number): Seconds {
  if (bytes === 0) return seconds(0);
  if (link.rate.kind === 'trace') return seconds(traceSeconds(link.rate, 8 * bytes, startSeconds));
  return seconds((8 * bytes) / rateAt(link, startSeconds));
}

function traceSeconds({ points, loop }: TraceRate, bits: number, start: number): number {
  if (!loop) return walk(points, bits, start, Number.POSITIVE_INFINITY).seconds;
  const lap = lapSeconds(points);
  const first = walk(points, bits, start % lap, lap);
  if (first.bits === 0) return first.seconds;
  const lapBits = points.reduce(
    (sum, point, index) => sum + point.bitsPerSecond * ((points[index + 1]?.seconds ?? lap) - point.seconds),
    0,
  );
  if (lapBits === 0) return Number.POSITIVE_INFINITY;
  // Whole laps are divided away, so that a slow link costs no more work than three walks.
  const laps = Math.max(0, Math.ceil(first.bits / lapBits) - 1);
  const left = laps === 0 ? first.bits : first.bits - laps * lapBits;
  return first.seconds + laps * lap + walk(points, left, 0, lap).seconds;
}

/** Sends up to `bits` bits between two times of the trace: the seconds that this took and the bits that are left. */
function walk(
  points: readonly TracePoint[],
  bits: number,
  from: number,
  until: number,
): { readonly seconds: number; readonly bits: number } {
  let at = from;
  let left = bits;
  for (let index = pointIndexAt(points, from); at < until; index += 1) {
    const rate = points[index]?.bitsPerSecond ?? 0;
    const end = points[index + 1]?.seconds ?? until;
    const carried = rate === 0 ? 0 : rate * (end - at);
    if (carried >= left) return { seconds: at - from + left / rate, bits: 0 };
    left -= carried;
    at = end;
  }
  return { seconds: at - from, bits: left };
}
