import type { AffineBits } from '../codec/codec.ts';

/** A class of answers, as the model numbers them. */
export type Label = number;

/** What became of one input of known or unknown answer, at one cut. */
export interface CalibrationSample {
  /** By the centres (COACH, equation 9); finite and >= 0. */
  readonly separability: number;
  /** The greatest similarity to any centre, 0 to 1. */
  readonly similarity: number;
  /** |F − c| / |c| to the most similar centre. */
  readonly distance: number;
  /** Of the most similar centre. */
  readonly exitLabel: Label;
  /** Of the whole model, with nothing coded. */
  readonly label: Label;
  /** Of the model when what crosses is coded; an absent number of bits was not measured and is not chosen. */
  readonly codedLabels: Readonly<Partial<Record<AffineBits, Label>>>;
  /** What is right. @default the model's own answer: every disagreement then counts as lost, which is stricter and needs no labels */
  readonly truth?: Label;
}

/** Every other one: those that thresholds are not fitted to. */
export function heldOutSamples(samples: readonly CalibrationSample[]): readonly CalibrationSample[] {
  return samples.filter((_sample, at) => at % 2 === 1);
}

/** 1 where `answer` is wrong and the model is right, −1 where it is the other way round, else 0. */
export function lostAnswer({ label, truth = label }: CalibrationSample, answer: Label | undefined): number {
  return (label === truth ? 1 : 0) - (answer === truth ? 1 : 0);
}
