/** What transfers over a link say of its rate. */
export interface BandwidthEstimate {
  /** A mean in which each transfer counts e^(−1/8) times as much as the next. */
  readonly meanBitsPerSecond: number;
  readonly lastBitsPerSecond: number;
}

const weight = 1 - Math.exp(-1 / 8);

/** The estimate after one more transfer; unchanged by one that says nothing: no bytes, or no time that could be measured. */
export function withTransfer(
  estimate: BandwidthEstimate | null,
  sentBytes: number,
  occupiedSeconds: number,
): BandwidthEstimate | null {
  const rate = (8 * sentBytes) / occupiedSeconds;
  if (!(rate > 0) || !Number.isFinite(rate)) return estimate;
  const mean = estimate?.meanBitsPerSecond ?? rate;
  return { meanBitsPerSecond: mean + (rate - mean) * weight, lastBitsPerSecond: rate };
}

/** The rate to plan the next transfer with: a fall counts at once, a rise by and by. Null before the first transfer. */
export function expectedBitsPerSecond(estimate: BandwidthEstimate | null): number | null {
  return estimate === null ? null : Math.min(estimate.meanBitsPerSecond, estimate.lastBitsPerSecond * 1.25);
}
