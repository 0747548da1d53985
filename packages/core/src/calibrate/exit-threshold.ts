import { type CalibrationSample, lostAnswer } from './calibration-sample.ts';
import { separablePrefixes } from './separable-prefix.ts';

/** 'all': no shorter prefix loses more either, as COACH's procedure; 'last': the chosen one alone counts. */
export type PrefixRule = 'all' | 'last';

/**
 * Above which separability a request may be answered by the centres (S_ext of COACH's equation 10), so that at most `most` of all answers
 * are lost on these samples: the separability of the first sample that must stay, or
 * half of the least that may leave where no other has any. Null where none may leave.
 */
export function exitThreshold(
  samples: readonly CalibrationSample[],
  most: number,
  rule: PrefixRule = 'all',
): number | null {
  let above: number | null = null;
  for (const { lost, below } of exitPrefixes(samples)) {
    if (lost <= most * samples.length) above = below;
    else if (rule === 'all') break;
  }
  return above;
}

/** Of the answers of all samples, how many are lost in total by those that leave. */
export function exitLoss(samples: readonly CalibrationSample[], above: number | null): number {
  if (above === null) return 0;
  return samples.reduce(
    (sum, sample) => (sample.separability > above ? sum + lostAnswer(sample, sample.exitLabel) : sum),
    0,
  );
}

/**
 * The threshold itself or the next stricter one that loses at most `most` on samples that it was not fitted to, found by halving the
 * prefixes of the fitted samples. Null where every one loses more.
 */
export function heldOutThreshold(
  fitted: readonly CalibrationSample[],
  heldOut: readonly CalibrationSample[],
  above: number | null,
  most: number,
): number | null {
  if (above === null) return null;
  const isKept = (threshold: number): boolean => exitLoss(heldOut, threshold) <= most * heldOut.length;
  if (isKept(above)) return above;
  const stricter = exitPrefixes(fitted)
    .map(({ below }) => below)
    .filter((below) => below > above);
  let kept = -1;
  let broken = stricter.length;
  while (broken - kept > 1) {
    const middle = (kept + broken) >> 1;
    if (isKept(stricter[middle] ?? 0)) kept = middle;
    else broken = middle;
  }
  return stricter[kept] ?? null;
}

const exitPrefixes = (samples: readonly CalibrationSample[]) =>
  separablePrefixes(samples, (sample) => lostAnswer(sample, sample.exitLabel));
