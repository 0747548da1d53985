import type { CalibrationSample } from './calibration-sample.ts';

/** The most separable samples, as many as share a fate. */
export interface Prefix {
  readonly count: number;
  /** The least separability among them. */
  readonly last: number;
  /** The greatest among the others; half of `last` where the others have none, so that it can be raised by a factor. */
  readonly below: number;
  /** Σ of what was lost among them, in answers. */
  readonly lost: number;
}

/**
 * The prefixes of the samples sorted by falling separability, shortest first. Samples of equal separability are never parted, and those of
 * none, of which nothing is known, are in no prefix.
 */
export function separablePrefixes(
  samples: readonly CalibrationSample[],
  lost: (sample: CalibrationSample) => number,
): readonly Prefix[] {
  const sorted = samples.toSorted((left, right) => right.separability - left.separability);
  const prefixes: Prefix[] = [];
  let sum = 0;
  for (const [at, sample] of sorted.entries()) {
    if (!(sample.separability > 0)) break;
    sum += lost(sample);
    const next = sorted[at + 1]?.separability ?? 0;
    if (next === sample.separability) continue;
    const last = sample.separability;
    prefixes.push({ count: at + 1, last, below: next > 0 ? next : last / 2, lost: sum });
  }
  return prefixes;
}
