import { type Seconds, seconds } from '../units.ts';

/** A time at a clock rate, as a share of the highest rate. */
export interface ClockPoint {
  /** In (0, 1]. */
  readonly share: number;
  readonly seconds: number;
}

/** T(share) = computeSeconds / share + memorySeconds: what the clock stretches, and what it leaves alone. Both >= 0. */
export interface ClockLaw {
  readonly computeSeconds: number;
  readonly memorySeconds: number;
}

/** Rates that a machine reports for one level differ by less. */
const sameLevel = 0.005;

/** The law of the least sum of squares through the points, which need two different shares; with one, all of it is computing. */
export function fitClockLaw(points: readonly ClockPoint[]): ClockLaw {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const stretch = points.map(({ share }) => 1 / share);
  const times = points.map((point) => point.seconds);
  const [middle, level] = [mean(stretch), mean(times)];
  const variance = mean(stretch.map((each) => (each - middle) ** 2));
  const covariance = mean(stretch.map((each, index) => (each - middle) * ((times[index] ?? 0) - level)));
  const computeSeconds = variance === 0 ? level / Math.max(1, middle) : covariance / variance;
  const memorySeconds = level - computeSeconds * middle;
  // Where one part comes out negative, the best law with both parts >= 0 has it at 0.
  if (computeSeconds < 0) return { computeSeconds: 0, memorySeconds: level };
  if (memorySeconds >= 0) return { computeSeconds, memorySeconds };
  const product = mean(stretch.map((each, index) => each * (times[index] ?? 0)));
  return { computeSeconds: product / mean(stretch.map((each) => each ** 2)), memorySeconds: 0 };
}

/** What a law says at `share`; at a level that was measured, the measured time. */
export function secondsAtShare(
  points: readonly ClockPoint[],
  share: number,
): { readonly seconds: Seconds; readonly source: 'measured' | 'predicted' } {
  const known = points.find((point) => Math.abs(point.share / share - 1) < sameLevel);
  if (known !== undefined) return { seconds: seconds(known.seconds), source: 'measured' };
  const { computeSeconds, memorySeconds } = fitClockLaw(points);
  return { seconds: seconds(computeSeconds / share + memorySeconds), source: 'predicted' };
}
