import type { CountedLoss } from '../../calibrate/answer-losses.ts';
import type { OnlineThresholds } from '../../calibrate/calibrate-online.ts';
import type { Label } from '../../calibrate/calibration-sample.ts';
import type { HeadSetting } from '../../calibrate/head-settings.ts';
import type { CutBits } from '../../calibrate/search-cut.ts';
import type { SentBits } from '../../calibrate/sent-bits.ts';

/** What calibration data say about one model: the content of a calibration file. */
export interface Calibration {
  readonly model: {
    readonly name: string;
    /** SHA-256 of its bytes. */
    readonly digest: string;
    /** As `inputShapes`. */
    readonly inputs: string;
  };
  readonly data: CalibrationData;
  /** The share of answers that codes and exits may cost together; each is held to half of it, exits to all where nothing crosses in fewer than 16 bits. */
  readonly mostLoss: number;
  readonly cuts: readonly CalibratedCut[];
  readonly heads: CalibratedHeads;
}

export interface CalibrationData {
  /** What a person calls them. */
  readonly name: string;
  /** SHA-256 of the samples in their order. */
  readonly digest: string;
  readonly samples: number;
  /** 'agreement': an answer is right where it is the whole model's, coded nowhere. */
  readonly judgedBy: 'labels' | 'agreement';
}

/** What crosses one cut, by tensor names, in the order of the graph. */
export interface CalibratedCut {
  readonly tensors: readonly string[];
  /** The fewest bits of each that together lose little enough; null = raw. */
  readonly bits: CutBits;
  /** Every way to cross that was measured, by bits. */
  readonly losses: readonly CutLoss[];
  /** When requests may leave here and with how few bits they may cross. */
  readonly online: OnlineThresholds;
  /** Of the samples that the thresholds were not fitted to, those that leave. */
  readonly exitShare: number;
  /** With how few bits they cross by the thresholds, all tensors with the same, and what that costs; nothing where one stays raw or is half precision. */
  readonly sent: readonly SentBits[];
  /** Of labels; empty where nothing is decided online. */
  readonly centres: readonly LabelCentre[];
  /** What a person should know. */
  readonly notes: readonly string[];
}

export interface CutLoss {
  readonly bits: CutBits;
  readonly loss: CountedLoss;
}

export interface LabelCentre {
  readonly label: Label;
  /** How many answers it is the mean of. */
  readonly count: number;
  /** One value a channel. */
  readonly centre: readonly number[];
}

/** Classifiers inside the network, and what they come to together (SPINN). */
export interface CalibratedHeads {
  /** In the order in which a request comes by. */
  readonly heads: readonly CalibratedHead[];
  readonly settings: readonly HeadSetting[];
  readonly notes: readonly string[];
}

export interface CalibratedHead {
  /** Its name; the mean of each of its channels is what the classifier reads. */
  readonly tensor: string;
  /** By row of `weights`. */
  readonly labels: readonly Label[];
  /** [labels, channels + 1], the last of each row its constant. */
  readonly weights: readonly (readonly number[])[];
}

/** Since 2, centres and thresholds at several tensors are of features in which each tensor's part has the length 1. */
export const calibrationFormatVersion = 2;

/** The text of a calibration file. */
export function writeCalibration(calibration: Calibration): string {
  const rounded = (_key: string, value: unknown): unknown =>
    // Nine digits name every float32 exactly.
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(9)) : value;
  return `${JSON.stringify(
    { format: 'tandem-calibration', formatVersion: calibrationFormatVersion, ...calibration },
    rounded,
  )}\n`;
}
