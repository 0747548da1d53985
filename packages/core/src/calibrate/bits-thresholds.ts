import { type AffineBits, affineBits } from '../codec/codec.ts';
import { type CalibrationSample, lostAnswer } from './calibration-sample.ts';
import { separablePrefixes } from './separable-prefix.ts';

/** From which separability on so few bits are enough (S_adj of COACH, one for each number of bits). */
export interface BitsThreshold {
  readonly bits: AffineBits;
  readonly atLeast: number;
}

/**
 * For each number of bits below `offlineBits` the largest prefix of the most separable samples that loses at most `most` of its own
 * answers; fewer bits never ask for less separability. Ascending by bits; where no prefix is good enough the bits are left out.
 */
export function bitsThresholds(
  samples: readonly CalibrationSample[],
  offlineBits: AffineBits,
  most: number,
): readonly BitsThreshold[] {
  const thresholds: BitsThreshold[] = [];
  let least = 0;
  for (const bits of affineBits.filter((fewer) => fewer < offlineBits).reverse()) {
    if (samples.some(({ codedLabels }) => codedLabels[bits] === undefined)) continue;
    const prefixes = separablePrefixes(samples, (sample) => lostAnswer(sample, sample.codedLabels[bits]));
    const largest = prefixes.findLast(({ lost, count, last }) => lost <= most * count && last >= least);
    if (largest === undefined) break;
    least = largest.last;
    thresholds.unshift({ bits, atLeast: least });
  }
  return thresholds;
}

/** Those that lose at most `most` of the answers that they cover on samples that they were not fitted to; fewer bits go with more. */
export function heldOutBits(
  heldOut: readonly CalibrationSample[],
  thresholds: readonly BitsThreshold[],
  most: number,
): readonly BitsThreshold[] {
  const kept: BitsThreshold[] = [];
  for (const { bits, atLeast } of thresholds.toReversed()) {
    const covered = heldOut.filter(({ separability }) => separability >= atLeast);
    const lost = covered.reduce((sum, sample) => sum + lostAnswer(sample, sample.codedLabels[bits]), 0);
    if (lost > most * covered.length) break;
    kept.unshift({ bits, atLeast });
  }
  return kept;
}
