import { type BitsPerSecond, bitsPerSecond } from '../units.ts';
import type { Link } from './cluster.ts';
import type { TraceRate } from './rate.ts';
import { lapSeconds, pointIndexAt } from './trace-time.ts';

/** The link's rate `seconds` after the start of its trace; constant and Shannon links are the same at any time. */
export function rateAt({ rate }: Pick<Link, 'rate'>, seconds: number): BitsPerSecond {
  switch (rate.kind) {
    case 'constant':
      return rate.bitsPerSecond;
    case 'shannon':
      return bitsPerSecond(rate.bandwidthHertz * Math.log2(1 + 10 ** (rate.snrDecibels / 10)));
    case 'trace':
      return traceRateAt(rate, seconds);
  }
}

function traceRateAt({ points, loop }: TraceRate, seconds: number): BitsPerSecond {
  const within = loop ? seconds % lapSeconds(points) : seconds;
  return points[pointIndexAt(points, within)]?.bitsPerSecond ?? bitsPerSecond(0);
}
