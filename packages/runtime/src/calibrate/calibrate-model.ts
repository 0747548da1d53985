import type { Calibration } from '@tandem/core';
import { calibratedCut } from './calibrated-cut.ts';
import { calibratedHeads } from './calibrated-heads.ts';
import { type MeasureOptions, measureCuts } from './measure-cuts.ts';

export interface CalibrateOptions extends Omit<MeasureOptions, 'most'> {
  /** The share of answers that codes and exits may cost together: each is held to half of it, exits to all where nothing is coded in fewer than 16 bits. */
  readonly mostLoss: number;
}

/**
 * Measures what fewer bits cost at each cut of a classifier, and says from that with how many bits to cross, when to leave early by the
 * labels' centres or by classifiers inside the network, and how sure that is (COACH, offline and online calibration; SPINN, exit table).
 * Throws what `measureCuts` throws.
 */
export async function calibrateModel(
  options: CalibrateOptions,
): Promise<Pick<Calibration, 'mostLoss' | 'cuts' | 'heads'>> {
  const { job, mostLoss, truths } = options;
  const measured = await measureCuts({ ...options, most: mostLoss / 2 });
  const known = { job, measured, mostLoss, truths };
  return {
    mostLoss,
    cuts: job.cuts.map((_cut, at) => calibratedCut(known, at)),
    heads: calibratedHeads(known),
  };
}
