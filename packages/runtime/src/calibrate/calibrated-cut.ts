import {
  type AffineBits,
  affineBits,
  alikeBits,
  type CalibratedCut,
  type CalibrationSample,
  type CutBits,
  type CutLoss,
  calibrateOnline,
  comparedAlone,
  countLoss,
  cutBitsOf,
  heldOutSamples,
  isRefuted,
  isResolvable,
  type JudgedAnswers,
  type Label,
  mayLeave,
  type OnlineThresholds,
  type SentBits,
  sentBits,
} from '@tandem/core';
import type { CutAnswers } from './answer-table.ts';
import type { CalibrationJob } from './calibration-job.ts';
import type { MeasuredCuts } from './measure-cuts.ts';
import { boundaryNames } from './walk-cuts.ts';

export interface CutOptions {
  readonly job: CalibrationJob;
  readonly measured: MeasuredCuts;
  /** The share of answers that codes and exits may cost together. */
  readonly mostLoss: number;
  readonly truths?: readonly Label[] | undefined;
}

/** Samples of a label, from which on its centre counts: as online. */
const leastCount = 5;

/** What the measurements say about the cut at a position of the job's. */
export function calibratedCut(options: CutOptions, at: number): CalibratedCut {
  const { job, measured, mostLoss } = options;
  const cut = job.cuts[at];
  const own = measured.table.cuts[at];
  const found = measured.bits[at] ?? [];
  const tensors = cut === undefined ? [] : boundaryNames(job, cut);
  if (own === undefined) throw new RangeError(`cut ${at} was not measured`);
  const { online, centres, exitShare, sent, isFinite } = onlineHalf(options, own, found);
  // Answers to what is not finite agree whatever carries it: they say nothing of bits.
  const bits: CutBits = isFinite ? found : found.map(() => null);
  const losses = isFinite ? lossesOf(options, own) : [];
  const isDecided = online.exitAbove !== null || online.fewerBits.length > 0;
  return {
    tensors,
    bits,
    losses,
    online,
    exitShare,
    sent: alikeBits(bits) === null ? [] : sent,
    centres: isDecided ? centres.map((row) => ({ ...row, centre: Array.from(row.centre) })) : [],
    notes: isFinite ? notesOf(job.data.samples, mostLoss / 2, losses, bits) : [],
  };
}

/** Those measured on all samples, and those that the first few refute; most bits first. */
function lossesOf({ job, measured, truths, mostLoss }: CutOptions, own: CutAnswers): readonly CutLoss[] {
  const judged: JudgedAnswers = { labels: measured.table.labels, truths };
  const losses = own.keys.flatMap((key): CutLoss[] => {
    const bits = cutBitsOf(key);
    if (bits === null || bits.every((each) => each === null)) return [];
    const { answers, measured: known } = own.answersOf(bits);
    if (known >= job.data.samples) return [{ bits, loss: countLoss(judged, answers) }];
    const early = countLoss(judged, answers, { to: measured.pilot });
    return known >= measured.pilot && isRefuted(early, mostLoss / 2) ? [{ bits, loss: early }] : [];
  });
  const width = ({ bits }: CutLoss): number => bits.reduce<number>((sum, each) => sum + (each ?? 32), 0);
  return losses.sort((left, right) => width(right) - width(left));
}

/** What does not cross by the affine codec would lose too much with 8 bits, and all the more with fewer. */
function offlineBits(bits: CutBits): AffineBits {
  const affine = bits.map((own): AffineBits => (own === null || own === 16 ? 8 : own));
  return affine.reduce((most, own) => (own > most ? own : most), 2);
}

interface OnlineHalf {
  readonly online: OnlineThresholds;
  readonly exitShare: number;
  readonly sent: readonly SentBits[];
  readonly centres: ReturnType<typeof comparedAlone>['centres'];
  /** Whether what crosses was, for all samples. */
  readonly isFinite: boolean;
}

function onlineHalf(
  { job, measured, mostLoss, truths }: CutOptions,
  own: CutAnswers,
  found: CutBits,
): OnlineHalf {
  const { labels } = measured.table;
  const isAffine = found.some((bits) => bits !== null && bits !== 16);
  // What crosses without the affine codec leaves no bits to choose, and all of the budget to exits.
  const options = {
    mostLoss,
    offlineBits: offlineBits(found),
    budget: isAffine ? 'halves' : 'each',
  } as const;
  const strange = samplesWithoutFeature(own, job.data.samples);
  if (strange > 0) {
    const note = `Exits are off and what crosses stays raw: ${strange} of ${job.data.samples} samples have activations that are not finite here.`;
    const online = { ...calibrateOnline([], options), notes: [note] };
    return { online, exitShare: 0, sent: [], centres: [], isFinite: false };
  }
  const compared = comparedAlone({ features: own.features, channels: own.channels, labels }, leastCount);
  const coded = (isAffine ? affineBits : []).flatMap((bits) => {
    const { answers, measured: known } = own.answersOf(found.map(() => bits));
    return known > 0 && known >= job.data.samples ? [{ bits, answers }] : [];
  });
  const samples = compared.samples.map((sample, at): CalibrationSample => {
    const truth = truths?.[at];
    return {
      ...sample,
      label: labels[at] ?? -1,
      codedLabels: Object.fromEntries(coded.map(({ bits, answers }) => [bits, answers[at] ?? -1])),
      ...(truth === undefined ? {} : { truth }),
    };
  });
  const online = calibrateOnline(samples, { ...options, labels: compared.usable });
  return {
    online,
    exitShare: leavingShare(samples, online),
    sent: sentBits(samples, online),
    centres: compared.centres,
    isFinite: true,
  };
}

function leavingShare(samples: readonly CalibrationSample[], online: OnlineThresholds): number {
  const heldOut = heldOutSamples(samples);
  return heldOut.filter((sample) => mayLeave(sample, online)).length / Math.max(1, heldOut.length);
}

function samplesWithoutFeature({ features, channels }: CutAnswers, samples: number): number {
  let count = 0;
  for (let sample = 0; sample < samples; sample++) if (Number.isNaN(features[sample * channels])) count++;
  return count;
}

function notesOf(samples: number, most: number, losses: readonly CutLoss[], bits: CutBits): string[] {
  if (samples === 0) return ['There are no calibration samples: nothing is known of fewer bits.'];
  const notes: string[] = [];
  if (bits.includes(null) && losses.length > 0)
    notes.push(`Some of what crosses stays raw: even half precision loses more than ${most} of the answers.`);
  if (bits.includes(null) && losses.length === 0)
    notes.push('What crosses stays raw: it is not float32, which the codec takes.');
  if (!isResolvable(samples, most))
    notes.push(
      `A loss of ${most} is not resolvable at ${samples} samples, where one answer of a half is ${(2 / samples).toPrecision(2)}: ` +
        `fewer bits than those of half precision are not tried. ${Math.ceil(2 / most)} samples could tell.`,
    );
  else if (bits.includes(16))
    notes.push(
      `Some of what crosses does so in half precision: 8 bits lose more than ${most} of the answers.`,
    );
  return notes;
}
