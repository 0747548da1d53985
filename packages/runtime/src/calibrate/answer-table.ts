import {
  type Cut,
  type CutBits,
  cutBitsKey,
  featureLayout,
  featureSize,
  type MeasuredAnswers,
} from '@tandem/core';
import type { CalibrationJob, CalibrationRow } from './calibration-job.ts';

const unknown = -2;

/** Everything measured so far, by sample. */
export class AnswerTable {
  /** Of the whole model. */
  readonly labels: Int32Array;
  readonly cuts: readonly CutAnswers[];

  constructor({ cuts, graph, data }: Pick<CalibrationJob, 'cuts' | 'graph' | 'data'>) {
    this.labels = new Int32Array(data.samples).fill(unknown);
    this.cuts = cuts.map((cut) => new CutAnswers(data.samples, channelsAt(graph, cut)));
  }

  add(row: CalibrationRow): void {
    if (row.kind === 'whole') this.labels.set(row.labels, row.from);
    else this.cuts[row.cut]?.add(row);
  }

  hasWhole(from: number, to: number): boolean {
    return !this.labels.subarray(from, to).includes(unknown);
  }
}

/** What was measured at one cut. */
export class CutAnswers {
  readonly channels: number;
  /** [samples, channels]; NaN throughout where an activation was not finite. */
  readonly features: Float32Array;
  readonly #hasFeatures: Uint8Array;
  readonly #answers = new Map<string, Int32Array>();
  readonly #samples: number;

  constructor(samples: number, channels: number) {
    this.#samples = samples;
    this.channels = channels;
    this.features = new Float32Array(samples * channels);
    this.#hasFeatures = new Uint8Array(samples);
  }

  add({ from, bits, labels, features }: Extract<CalibrationRow, { readonly kind: 'cut' }>): void {
    const key = cutBitsKey(bits);
    const own = this.#answers.get(key) ?? new Int32Array(this.#samples).fill(unknown);
    own.set(labels, from);
    this.#answers.set(key, own);
    if (features?.length !== labels.length * this.channels) return;
    this.features.set(features, from * this.channels);
    this.#hasFeatures.fill(1, from, from + labels.length);
  }

  has(bits: CutBits, from: number, to: number): boolean {
    return this.#answers.get(cutBitsKey(bits))?.subarray(from, to).includes(unknown) === false;
  }

  hasFeatures(from: number, to: number): boolean {
    return !this.#hasFeatures.subarray(from, to).includes(0);
  }

  /** Of the first samples, as far as they are known. */
  answersOf(bits: CutBits): MeasuredAnswers & { readonly answers: Int32Array } {
    const answers = this.#answers.get(cutBitsKey(bits)) ?? new Int32Array(0);
    const gap = answers.indexOf(unknown);
    return { answers, measured: gap < 0 ? answers.length : gap };
  }

  /** The ways to cross of which something is known. */
  get keys(): readonly string[] {
    return [...this.#answers.keys()];
  }
}

function channelsAt(graph: CalibrationJob['graph'], { boundary }: Cut): number {
  return featureSize(boundary.flatMap((id) => featureLayout(graph.tensors[id]?.shape ?? [])));
}
