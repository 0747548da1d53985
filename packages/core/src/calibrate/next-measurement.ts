import { type AffineBits, affineBits } from '../codec/codec.ts';
import { countLoss, isRefuted, type JudgedAnswers } from './answer-losses.ts';
import type { Label } from './calibration-sample.ts';
import { type CrossingBits, isResolvable } from './crossing-bits.ts';
import { type CrossingTensor, type CutBits, searchCut } from './search-cut.ts';

/** What is known of one way to cross a cut: answers of the first `measured` samples. */
export interface MeasuredAnswers {
  readonly answers: ArrayLike<Label>;
  readonly measured: number;
}

/** The search at one cut, as far as it has come. */
export interface CutSearch {
  readonly tensors: readonly CrossingTensor[];
  /** The share of answers that codes may cost. */
  readonly most: number;
  readonly judged: JudgedAnswers;
  /** So many samples, the first ones, say where to look. */
  readonly pilot: number;
  readonly answersOf: (bits: CutBits) => MeasuredAnswers;
}

export type NextMeasurement =
  | { readonly kind: 'measure'; readonly bits: CutBits; readonly samples: 'pilot' | 'all' }
  | { readonly kind: 'done'; readonly bits: CutBits };

/** Fewer bits than the chosen ones are of use to requests that are separable, if they do not lose more than this of all. */
const mostOfFewer = 0.1;
const mostFewer = 2;

/**
 * What to measure next to know the fewest bits for a cut, from all that was measured before: the same whatever the order in which it came.
 * A few samples are searched first. All samples then begin where these ended; what a few refute is not measured on all. Bits are enough
 * when both halves of the samples, the even and the odd, lose no more than `most`: the second was not asked when they were chosen. Where
 * there are too few samples to tell, half precision alone is tried.
 */
export function nextMeasurement(search: CutSearch): NextMeasurement {
  const { tensors, most, pilot, judged } = search;
  const least: CrossingBits = isResolvable(judged.labels.length, most) ? 2 : 16;
  const sought = replay(searchCut(tensors, most, { least }), (bits) => pilotLoss(search, bits));
  if (sought.kind === 'measure') return { ...sought, samples: 'pilot' };
  const found = replay(searchCut(tensors, most, { hint: sought.bits, least }), (bits) =>
    lossOfAll(search, bits),
  );
  if (found.kind === 'done') return fewerBits(search, found.bits) ?? found;
  return { ...found, samples: search.answersOf(found.bits).measured < pilot ? 'pilot' : 'all' };
}

/** Of the worse half of all samples, or of the pilot where that refutes it; null = not measured. */
function lossOfAll({ judged, most, pilot, answersOf }: CutSearch, bits: CutBits): number | null {
  const { answers, measured } = answersOf(bits);
  if (measured < pilot) return null;
  const early = countLoss(judged, answers, { to: pilot });
  if (isRefuted(early, most)) return early.share;
  if (measured < judged.labels.length) return null;
  return Math.max(
    countLoss(judged, answers, { step: 2 }).share,
    countLoss(judged, answers, { from: 1, step: 2 }).share,
  );
}

function pilotLoss({ judged, pilot, answersOf }: CutSearch, bits: CutBits): number | null {
  const { answers, measured } = answersOf(bits);
  return measured < pilot ? null : countLoss(judged, answers, { to: pilot }).share;
}

/**
 * Where all that crosses does so with the affine codec, the most of its bits and fewer are measured for all of it alike: `bitsThresholds` wants
 * them, and a request's tensors are all sent with the same.
 */
function fewerBits(search: CutSearch, chosen: CutBits): NextMeasurement | null {
  const own = alikeBits(chosen);
  if (own === null) return null;
  const fewer = affineBits.filter((bits) => bits < own).slice(-mostFewer);
  for (const bits of [own, ...fewer.reverse()]) {
    const alike = chosen.map(() => bits);
    const loss = pilotLoss(search, alike);
    if (loss === null) return { kind: 'measure', bits: alike, samples: 'pilot' };
    if (bits < own && loss > mostOfFewer) return null;
    if (search.answersOf(alike).measured < search.judged.labels.length)
      return { kind: 'measure', bits: alike, samples: 'all' };
  }
  return null;
}

/** The most of the bits of tensors that all cross with the affine codec; null where one does not, or there is none. */
export function alikeBits(bits: CutBits): AffineBits | null {
  const affine = bits.flatMap((own) => (own === null || own === 16 ? [] : [own]));
  if (affine.length === 0 || affine.length < bits.length) return null;
  return affine.reduce((most, own) => (own > most ? own : most));
}

type Replayed =
  | { readonly kind: 'measure'; readonly bits: CutBits }
  | { readonly kind: 'done'; readonly bits: CutBits };

/** Drives a search from the start with what is known, up to what is not. */
function replay(
  search: Generator<CutBits, CutBits, number>,
  lossOf: (bits: CutBits) => number | null,
): Replayed {
  let step = search.next();
  while (!step.done) {
    const loss = lossOf(step.value);
    if (loss === null) return { kind: 'measure', bits: step.value };
    step = search.next(loss);
  }
  return { kind: 'done', bits: step.value };
}
