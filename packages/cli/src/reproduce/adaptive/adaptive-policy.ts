import {
  type AffineBits,
  type Calibration,
  type CrossingBits,
  createRandom,
  crossingBits,
  fastestCoder,
  type Label,
  type LinearHead,
} from '@tandem/core';
import { type CalibrationRow, calibrateModel } from '@tandem/runtime';
import type { RecordedCut, RecordedSample } from './recorded-sample.ts';
import { shuffled } from './stream-orders.ts';

const seed = 1;

/** The share of answers that exits and bits may cost together. */
export const mostLoss = 0.005;

/** What calibration says of one cut: `tandem calibrate` with this cut alone. */
export interface AdaptivePolicy {
  readonly calibrated: Calibration['cuts'][number];
  /** Of requests of which nothing is known. */
  readonly crossing: CrossingBits;
  /** SPINN's way out, at the same cut; null = none could be fitted, or none loses little enough. */
  readonly head: LinearHead | null;
  readonly headNotes: readonly string[];
}

/** Needs no model: all that calibration could ask was recorded. */
export async function adaptivePolicy(recorded: RecordedCut): Promise<AdaptivePolicy> {
  const { graph, cut, calibration } = recorded;
  const job = {
    graph,
    cuts: [cut],
    data: { samples: calibration.length, read: async () => [] },
    segments: { segment: async () => unasked() },
    executors: [],
    coder: fastestCoder(),
    memoryBytes: 1,
    signal: new AbortController().signal,
  };
  // As calibration data are read: drawn, so that every part of them is as good as any other.
  const known = rowsOf(shuffled(calibration, createRandom(seed)));
  const { cuts, heads } = await calibrateModel({ job, mostLoss, known, keep: async () => {} });
  const [calibrated] = cuts;
  if (calibrated === undefined) throw new RangeError('one cut was calibrated, and none came back');
  const crossing = calibrated.bits[0] ?? 16;
  const most = crossing === 16 ? mostLoss : mostLoss / 2;
  return { calibrated, crossing, ...headOf(heads, calibrated.online.offlineBits, most) };
}

function unasked(): never {
  throw new RangeError('all samples were recorded, and one was asked for');
}

function rowsOf(samples: readonly RecordedSample[]): readonly CalibrationRow[] {
  const channels = samples[0]?.feature.length ?? 0;
  const features = new Float32Array(samples.length * channels);
  for (const [at, { feature }] of samples.entries()) features.set(feature, at * channels);
  const answers = (of: (sample: RecordedSample) => Label | undefined): Label[] =>
    samples.map((sample) => of(sample) ?? -1);
  return [
    { kind: 'whole', from: 0, labels: answers(({ label }) => label) },
    ...crossingBits.map((bits): CalibrationRow => {
      const labels = answers(({ coded }) => coded[bits]);
      return { kind: 'cut', cut: 0, from: 0, bits: [bits], labels, features };
    }),
  ];
}

function headOf(
  { heads, settings, notes }: Calibration['heads'],
  offlineBits: AffineBits,
  most: number,
): Pick<AdaptivePolicy, 'head' | 'headNotes'> {
  const [only] = heads;
  const kept = settings.filter(({ loss }) => loss.share <= most);
  const best = kept.toSorted((left, right) => (right.shares[0] ?? 0) - (left.shares[0] ?? 0))[0];
  if (only === undefined) return { head: null, headNotes: notes };
  if (best === undefined)
    return { head: null, headNotes: [...notes, 'No threshold of the head loses little enough.'] };
  const { labels, weights } = only;
  const channels = (weights[0]?.length ?? 1) - 1;
  const flat = Float32Array.from(weights.flat());
  return {
    head: { channels, labels, weights: flat, exitAbove: best.threshold, offlineBits },
    headNotes: notes,
  };
}
