/** Where a share that was counted in few trials may lie. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * The interval of Wilson (1927) for a share of which `hits` in `trials` were counted, at 95 % unless `deviations` says otherwise. Never
 * outside 0 to 1, and all of it where there were no trials.
 */
export function wilsonInterval(hits: number, trials: number, deviations = 1.96): Interval {
  if (trials === 0) return { low: 0, high: 1 };
  const share = hits / trials;
  const square = deviations ** 2 / trials;
  const middle = (share + square / 2) / (1 + square);
  const half =
    (deviations * Math.sqrt((share * (1 - share)) / trials + square / (4 * trials))) / (1 + square);
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
