import type { BitsPerSecond, Hertz, Seconds } from '../units.ts';

/** How many bits a link carries in a second, and when. */
export type Rate = ConstantRate | TraceRate | ShannonRate;

export interface ConstantRate {
  readonly kind: 'constant';
  readonly bitsPerSecond: BitsPerSecond;
}

/** A step function: each point's rate holds from its time until the next point's. */
export interface TraceRate {
  readonly kind: 'trace';
  /** At least one; the first at 0 s, times strictly ascending. */
  readonly points: readonly TracePoint[];
  /**
   * Whether the trace starts again at its end, where the last point lasts as long as the one before it (1 s when it is alone).
   * Otherwise the last rate stays.
   */
  readonly loop: boolean;
}

export interface TracePoint {
  readonly seconds: Seconds;
  readonly bitsPerSecond: BitsPerSecond;
}

/** The capacity of a noisy channel: B log2(1 + SNR), SNR = 10^(dB / 10) (Mu et al. 2024, equation 4). */
export interface ShannonRate {
  readonly kind: 'shannon';
  readonly bandwidthHertz: Hertz;
  readonly snrDecibels: number;
}
