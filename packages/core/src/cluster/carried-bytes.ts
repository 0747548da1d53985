import type { Link } from './cluster.ts';
import type { TracePoint } from './rate.ts';
import { rateAt } from './rate-at.ts';
import { lapSeconds, pointIndexAt } from './trace-time.ts';

/** What the link's line carries between two times, in bytes: the integral of its rate, exact for steps. */
export function carriedBytes(link: Pick<Link, 'rate'>, fromSeconds: number, untilSeconds: number): number {
  const { rate } = link;
  if (untilSeconds <= fromSeconds) return 0;
  if (rate.kind !== 'trace') return ((untilSeconds - fromSeconds) * rateAt(link, fromSeconds)) / 8;
  const bits =
    bitsUntil(rate.points, untilSeconds, rate.loop) - bitsUntil(rate.points, fromSeconds, rate.loop);
  return Math.max(0, bits) / 8;
}

/** From the trace's start. */
function bitsUntil(points: readonly TracePoint[], until: number, loop: boolean): number {
  if (!loop) return bitsWithin(points, until);
  const lap = lapSeconds(points);
  const laps = Math.floor(until / lap);
  const whole = laps === 0 ? 0 : laps * bitsWithin(points, lap);
  return whole + bitsWithin(points, until - laps * lap);
}

function bitsWithin(points: readonly TracePoint[], until: number): number {
  const last = pointIndexAt(points, until);
  let bits = 0;
  for (let index = 0; index <= last; index++) {
    const start = points[index]?.seconds ?? 0;
    const end = index === last ? until : (points[index + 1]?.seconds ?? until);
    bits += (points[index]?.bitsPerSecond ?? 0) * (end - start);
  }
  return bits;
}
