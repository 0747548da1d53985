import type { CrossingBits, Cut, Graph, Label } from '@tandem/core';

/** What a model makes of one input at one cut: all that a policy there can be judged by. */
export interface RecordedSample {
  /** The whole model's answer, nothing coded. */
  readonly label: Label;
  /** What the data say is right; where they say nothing, the model's answer. */
  readonly truth: Label;
  /** What crosses, pooled. */
  readonly feature: Float32Array;
  /** The answer when what crosses is coded, by bits. */
  readonly coded: Readonly<Partial<Record<CrossingBits, Label>>>;
}

/** One subject at one cut. Nothing of `calibration` is in `judged`. */
export interface RecordedCut {
  readonly graph: Graph;
  readonly cut: Cut;
  /** Of the model's FLOPs, those before the cut. */
  readonly fraction: number;
  readonly calibration: readonly RecordedSample[];
  /** In their order, part by part. */
  readonly judged: readonly (readonly RecordedSample[])[];
  /** Other samples, in no part of the above. */
  readonly check: readonly RecordedSample[];
}
