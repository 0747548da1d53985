import {
  type CalibratedHead,
  type CalibratedHeads,
  type Cut,
  exitOrder,
  type Graph,
  type HeadAnswers,
  headSettings,
  type Label,
  softmaxAnswer,
  softmaxRegression,
} from '@tandem/core';
import type { CutAnswers } from './answer-table.ts';
import type { CutOptions } from './calibrated-cut.ts';
import { boundaryNames } from './walk-cuts.ts';

/** Of the model's FLOPs: where SPINN puts its classifiers. */
const fractions = [0.15, 0.3, 0.45, 0.6, 0.75, 0.9] as const;
/** Samples a label, from which on a classifier is worth fitting. */
const leastSamples = 10;

/** Of these the one that is least surprised by a quarter of the samples, learnt on another. */
const ridges = [0.001, 0.01, 0.1] as const;

/**
 * Linear classifiers on the mean of each channel, fitted on the even samples at cuts that lie nearest to equal fractions of the FLOPs, and
 * the exit table that they come to on the odd ones. SPINN trains its classifiers together with the network, on the training data; these
 * leave the network as it is and see calibration data alone.
 */
export function calibratedHeads({ job, measured, truths }: CutOptions): CalibratedHeads {
  const { labels } = measured.table;
  const wanted = truths ?? Array.from(labels);
  const even = [...wanted.keys()].filter((sample) => sample % 2 === 0);
  const odd = [...wanted.keys()].filter((sample) => sample % 2 === 1);
  const known = [...new Set(even.flatMap((sample) => wanted[sample] ?? []))]
    .filter((label) => label >= 0)
    .sort((left, right) => left - right);
  const refusal = whyNot(wanted.length, known.length);
  if (refusal !== null) return { heads: [], settings: [], notes: [refusal] };
  const places = headCuts(job.graph, job.cuts).filter((at) => hasNumbers(measured.table.cuts[at]));
  const heads = places.flatMap((at) => {
    const own = measured.table.cuts[at];
    const cut = job.cuts[at];
    if (own === undefined || cut === undefined) return [];
    const [tensor = ''] = boundaryNames(job, cut);
    return [fittedHead(own, even, odd, wanted, known, tensor)];
  });
  const judged = {
    labels: odd.map((sample) => labels[sample] ?? -1),
    truths: odd.map((sample) => wanted[sample] ?? -1),
  };
  const settings = headSettings(
    heads.map(({ answers }) => answers),
    judged,
  );
  const notes = heads.length === 0 ? ['There are no exits: no calibrated cut can carry one.'] : [];
  return { heads: heads.map(({ head }) => head), settings, notes };
}

function whyNot(samples: number, labels: number): string | null {
  if (labels < 2) return `There are no exits: ${samples} samples have ${labels} labels, expected at least 2.`;
  if (samples >= leastSamples * labels) return null;
  return `There are no exits: ${samples} samples have ${labels} labels, and classifiers want ${leastSamples} samples of each.`;
}

/** Positions of the cuts nearest to the fractions, each once. */
function headCuts(graph: Graph, cuts: readonly Cut[]): readonly number[] {
  const allowed = new Set(exitOrder(graph));
  const total = graph.nodes.reduce((sum, { flops }) => sum + flops, 0);
  const places = cuts.flatMap(({ nodes, boundary }, at) => {
    const [tensor, more] = boundary;
    if (tensor === undefined || more !== undefined || !allowed.has(tensor)) return [];
    const before = nodes.reduce((sum, node) => sum + (graph.nodes[node]?.flops ?? 0), 0);
    return [{ at, fraction: before / total }];
  });
  const chosen = fractions.flatMap((fraction) => {
    const [nearest] = places.toSorted(
      (left, right) => Math.abs(left.fraction - fraction) - Math.abs(right.fraction - fraction),
    );
    return nearest === undefined ? [] : [nearest];
  });
  return [...new Set(chosen.toSorted((left, right) => left.fraction - right.fraction).map(({ at }) => at))];
}

function hasNumbers(own: CutAnswers | undefined): boolean {
  return own?.features.every((value) => Number.isFinite(value)) ?? false;
}

interface FittedHead {
  readonly head: CalibratedHead;
  readonly answers: HeadAnswers;
}

function fittedHead(
  { features, channels }: CutAnswers,
  even: readonly number[],
  odd: readonly number[],
  wanted: readonly Label[],
  known: readonly Label[],
  tensor: string,
): FittedHead {
  const rowOf = (sample: number): Float32Array =>
    features.subarray(sample * channels, (sample + 1) * channels);
  const fitted = even.filter((sample) => known.includes(wanted[sample] ?? -1));
  const classOf = (sample: number): number => known.indexOf(wanted[sample] ?? -1);
  const fit = (samples: readonly number[], ridge: number): number[][] => {
    const rows = new Float32Array(samples.length * channels);
    for (const [at, sample] of samples.entries()) rows.set(rowOf(sample), at * channels);
    const classes = samples.map(classOf);
    return softmaxRegression({ features: rows, columns: channels, classes, count: known.length }, { ridge });
  };
  const [learnt, asked] = [0, 1].map((rest) => fitted.filter((_sample, at) => at % 2 === rest));
  const surprises = ridges.map((ridge) => {
    const weights = fit(learnt ?? [], ridge);
    return (asked ?? []).reduce((sum, sample) => {
      const { row, confidence } = softmaxAnswer(weights, rowOf(sample));
      // Where it is wrong the rest is spread evenly: what counts is that it is not too sure.
      const likely = row === classOf(sample) ? confidence : (1 - confidence) / Math.max(1, known.length - 1);
      return sum - Math.log(Math.max(likely, 1e-12));
    }, 0);
  });
  const weights = fit(fitted, ridges[surprises.indexOf(Math.min(...surprises))] ?? 0.1);
  const answers = odd.map((sample) => softmaxAnswer(weights, rowOf(sample)));
  return {
    head: { tensor, labels: known, weights },
    answers: {
      labels: answers.map(({ row }) => known[row] ?? -1),
      confidences: answers.map(({ confidence }) => confidence),
    },
  };
}
