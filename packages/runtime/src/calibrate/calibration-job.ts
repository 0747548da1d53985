import type { ActivationCoder, Cut, CutBits, Graph, Label, NodeId } from '@tandem/core';
import type { Executor, TensorValue } from '../execute/executor.ts';
import type { StoredSegment } from '../segment/segment.ts';

/** What calibration runs on, and with what. */
export interface CalibrationJob {
  readonly graph: Graph;
  /** Each with a boundary of at least one tensor and something behind it. */
  readonly cuts: readonly Cut[];
  readonly data: SampleSource;
  readonly segments: SegmentShelf;
  /** Each works on samples of its own, all at once. At least one. */
  readonly executors: readonly Executor[];
  readonly coder: ActivationCoder;
  /** What activations may hold at once in one executor's samples. */
  readonly memoryBytes: number;
  readonly signal: AbortSignal;
}

/** The calibration data, in an order that is as good as drawn. */
export interface SampleSource {
  readonly samples: number;
  /** The model's inputs, in the model's order; the caller owns the buffers. May be asked for again. */
  read(sample: number): Promise<readonly TensorValue[]>;
}

/** Sub-models of the graph, by the nodes that they run; may be asked for again. */
export interface SegmentShelf {
  segment(nodes: readonly NodeId[]): Promise<StoredSegment>;
}

/** What was measured of some samples, to be kept for the next time. */
export type CalibrationRow = WholeRow | CutRow;

/** The whole model's answers. */
export interface WholeRow {
  readonly kind: 'whole';
  readonly from: number;
  readonly labels: readonly Label[];
}

export interface CutRow {
  readonly kind: 'cut';
  /** Position among the job's cuts. */
  readonly cut: number;
  /** The first sample; as many follow as there are answers. */
  readonly from: number;
  readonly bits: CutBits;
  readonly labels: readonly Label[];
  /** [samples, channels], once a cut and sample. */
  readonly features: Float32Array | null;
}

/** What stands for the answer of an output that holds no number. */
export const noAnswer = -1;
