import type { AffineBits } from '../codec/codec.ts';
import { InvalidInputError } from '../errors.ts';
import { distributionOf } from '../search/distribution.ts';
import { type BitsThreshold, bitsThresholds, heldOutBits } from './bits-thresholds.ts';
import { type CalibrationSample, heldOutSamples, lostAnswer } from './calibration-sample.ts';
import { exitLoss, exitThreshold, heldOutThreshold, type PrefixRule } from './exit-threshold.ts';
import { type Interval, wilsonInterval } from './wilson-interval.ts';

export interface CalibrationOptions {
  /** The share of answers that leaving early and fewer bits may cost together. @default 0.005 */
  readonly mostLoss?: number;
  /** 'halves': each may cost half of it; 'each': each all of it, as published. @default 'halves' */
  readonly budget?: 'halves' | 'each';
  /** @default 'all' */
  readonly prefixes?: PrefixRule;
  /** How many labels the samples were compared with. @default as many as were the most similar one of some sample */
  readonly labels?: number;
  /** The bits that the plan sends with where nothing is known of a request. */
  readonly offlineBits: AffineBits;
}

/** When a request may leave at a cut, and with how few bits it may cross: what calibration samples say. */
export interface OnlineThresholds {
  /** A request leaves where its separability lies above this; null = none may. */
  readonly exitAbove: number | null;
  /** Ascending by bits; fewer never for less separability. */
  readonly fewerBits: readonly BitsThreshold[];
  readonly offlineBits: AffineBits;
  /** A request farther from its centre than this, as `distance` counts, resembles no known label and stays; null = any may be. */
  readonly mostDistance: number | null;
  /** How many labels the separabilities were measured with: they grow with the number. */
  readonly labels: number;
  /** Mean and standard deviation of the greatest similarity. */
  readonly similarity: { readonly mean: number; readonly deviation: number };
  readonly samples: number;
  /** The share of answers that exits lose on samples that the threshold was not fitted to, and where it may lie. */
  readonly exitLoss: Interval & { readonly share: number };
  /** What a person should know: why exits are off, or that the samples are few. */
  readonly notes: readonly string[];
}

/**
 * Thresholds from calibration samples: fitted on every other one, held against the rest and made stricter where they lose too much there
 * (COACH, section on online calibration, which fits and does not hold out). Throws InvalidInputError on a separability that is no number.
 */
export function calibrateOnline(
  samples: readonly CalibrationSample[],
  options: CalibrationOptions,
): OnlineThresholds {
  checkSamples(samples);
  const { mostLoss = 0.005, budget = 'halves', prefixes = 'all', offlineBits } = options;
  const most = budget === 'halves' ? mostLoss / 2 : mostLoss;
  const fitted = samples.filter((_sample, at) => at % 2 === 0);
  const heldOut = heldOutSamples(samples);
  const { labels = new Set(samples.map(({ exitLabel }) => exitLabel)).size } = options;
  const isOff = labels < 2 || heldOut.length === 0;
  const fittedAbove = isOff ? null : exitThreshold(fitted, most, prefixes);
  const exitAbove = heldOutThreshold(fitted, heldOut, fittedAbove, most);
  const stays = ({ separability }: CalibrationSample): boolean =>
    exitAbove === null || separability <= exitAbove;
  const bits = isOff ? [] : bitsThresholds(fitted.filter(stays), offlineBits, most);
  return {
    exitAbove,
    fewerBits: heldOutBits(heldOut.filter(stays), bits, most),
    offlineBits,
    mostDistance: guardDistance(samples),
    labels,
    similarity: spreadOf(samples.map(({ similarity }) => similarity)),
    samples: samples.length,
    exitLoss: lossInterval(heldOut, exitAbove),
    notes: notesOf(samples.length, labels, exitAbove, most),
  };
}

function checkSamples(samples: readonly CalibrationSample[]): void {
  const at = samples.findIndex(
    ({ separability, similarity, distance }) =>
      !Number.isFinite(separability) || separability < 0 || !Number.isFinite(similarity) || !(distance >= 0),
  );
  const sample = samples[at];
  if (sample === undefined) return;
  throw new InvalidInputError(
    `calibration sample ${at} has separability ${sample.separability}, similarity ${sample.similarity} and distance ${sample.distance}, expected finite numbers`,
    'Leave out samples whose activations are not finite.',
  );
}

/** The 99th percentile among those that the centres answer as the model does: the guard against what resembles no known label. */
function guardDistance(samples: readonly CalibrationSample[]): number | null {
  const right = samples.filter((sample) => lostAnswer(sample, sample.exitLabel) <= 0);
  return distributionOf(right.map(({ distance }) => distance))?.p99 ?? null;
}

function spreadOf(values: readonly number[]): OnlineThresholds['similarity'] {
  if (values.length === 0) return { mean: 0, deviation: 0 };
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(square) };
}

function lossInterval(
  heldOut: readonly CalibrationSample[],
  above: number | null,
): OnlineThresholds['exitLoss'] {
  const lost = Math.max(0, exitLoss(heldOut, above));
  const share = heldOut.length === 0 ? 0 : lost / heldOut.length;
  return { share, ...wilsonInterval(lost, heldOut.length) };
}

function notesOf(count: number, labels: number, above: number | null, most: number): readonly string[] {
  const notes: string[] = [];
  if (count < 2) notes.push(`Exits are off: there are ${count} calibration samples, expected at least 2.`);
  else if (labels < 2)
    notes.push(
      `Exits are off: the calibration samples have ${labels === 1 ? 'one label' : 'no label'} with enough of them, expected at least 2.`,
    );
  else if (above === null)
    notes.push(
      `Exits are off: the most separable calibration samples lose more than ${most} of the answers.`,
    );
  if (count > 0 && most * (count / 2) < 1)
    notes.push(
      `With ${count} calibration samples a loss of ${most} cannot be told from none; ${Math.ceil(2 / most)} could.`,
    );
  return notes;
}
