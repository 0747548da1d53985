/** When a level counts as another one; shares of the level that was planned with. */
export interface LevelLimits {
  /** One sample below it is a fall. */
  readonly fallBelow: number;
  /** All samples above it for `riseSeconds` are a rise. */
  readonly riseAbove: number;
  readonly riseSeconds: number;
  /** Where the slow mean leaves this range, what happened was too slow to be a fall or a rise. */
  readonly driftBelow: number;
  readonly driftAbove: number;
  /** Time constant of the slow mean. */
  readonly slowSeconds: number;
}

/** Of the rate of a link: a fall hurts at once, and to believe in a rise too early costs a switch there and one back. */
export const rateLimits: LevelLimits = {
  fallBelow: 0.7,
  riseAbove: 1.4,
  riseSeconds: 3,
  driftBelow: 0.85,
  driftAbove: 1.15,
  slowSeconds: 10,
};

/** A level that changes in steps though it is sampled with noise; `sampleLevel` changes it in place. JSON-able. */
export interface LevelWatch {
  /** What plans are made with; null before the first sample. */
  level: number | null;
  slowMean: number;
  sampledAt: number;
  /** Since when samples have been above `riseAbove`, and the least of them; the first may be of both levels and does not count. */
  rise: { readonly since: number; least: number | null } | null;
  /** Until then a fall is not over: its first sample may be of both levels. */
  fallsUntil: number;
}

export const levelWatch = (): LevelWatch => ({
  level: null,
  slowMean: 0,
  sampledAt: 0,
  rise: null,
  fallsUntil: 0,
});

/** Whether the level is another one now. A sample that is no number >= 0 says nothing. */
export function sampleLevel(watch: LevelWatch, sample: number, now: number, limits: LevelLimits): boolean {
  if (!(sample >= 0) || !Number.isFinite(sample)) return false;
  if (watch.level === null) return adopt(watch, sample, now);
  const weight = 1 - Math.exp(-Math.max(0, now - watch.sampledAt) / limits.slowSeconds);
  watch.slowMean += weight * (sample - watch.slowMean);
  watch.sampledAt = now;
  const falls = now < watch.fallsUntil ? 0.95 : limits.fallBelow;
  if (sample < falls * watch.level) {
    watch.fallsUntil = now + limits.riseSeconds;
    return adopt(watch, sample, now);
  }
  return rises(watch, sample, now, limits) || drifts(watch, now, limits);
}

function rises(watch: LevelWatch, sample: number, now: number, limits: LevelLimits): boolean {
  if (sample <= limits.riseAbove * (watch.level ?? 0)) {
    watch.rise = null;
    return false;
  }
  if (watch.rise === null) {
    watch.rise = { since: now, least: null };
    return false;
  }
  watch.rise.least = Math.min(watch.rise.least ?? sample, sample);
  return now - watch.rise.since >= limits.riseSeconds && adopt(watch, watch.rise.least, now);
}

function drifts(watch: LevelWatch, now: number, limits: LevelLimits): boolean {
  const { level, slowMean, rise } = watch;
  if (level === null || rise !== null) return false;
  const isSame = slowMean >= limits.driftBelow * level && slowMean <= limits.driftAbove * level;
  return !isSame && adopt(watch, slowMean, now);
}

function adopt(watch: LevelWatch, level: number, now: number): boolean {
  watch.level = level;
  watch.slowMean = level;
  watch.sampledAt = now;
  watch.rise = null;
  return true;
}
