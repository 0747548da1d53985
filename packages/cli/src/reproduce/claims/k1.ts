import { type AffineBits, affineBits } from '@tandem/core';
import { type CutStudy, type SubjectStudy, studyAll } from '../adaptive/adaptive-study.ts';
import type { RecordedSample } from '../adaptive/recorded-sample.ts';
import { subjects } from '../adaptive/subjects.ts';
import { type Claim, defineClaim, exactly, type Figure, type Findings } from '../claim.ts';
import { papers } from '../papers.ts';
import { adaptiveStandIn } from './k8.ts';

const where = 'Fig. 1';
/** As many as the colours of the figure: 3, 4 and 5 bits. */
const printedBits: readonly AffineBits[] = [3, 4, 5];

const shown = (unit: string): Figure => ({ unit, paper: null, tolerance: exactly, where });

const entries: readonly {
  readonly name: string;
  readonly figure: Figure;
  readonly value: (needs: Needs) => number;
}[] = [
  {
    name: 'fewest bits, median',
    figure: { unit: 'bits', paper: 4, tolerance: { kind: 'absolute', value: 1 }, where },
    value: ({ bits }) => middle(bits),
  },
  {
    name: 'rank correlation of distance and fewest bits',
    figure: { unit: 'Spearman’s ρ', paper: 0, tolerance: { kind: 'at-least' }, where },
    value: ({ bits, distances }) => spearman(distances, bits),
  },
  {
    name: 'needs 3, 4 or 5 bits',
    figure: shown('% of inputs'),
    value: ({ bits }) => (100 * bits.filter((own) => printedBits.includes(own)).length) / bits.length,
  },
  { name: 'needs 2 bits', figure: shown('% of inputs'), value: ({ bits }) => shareOf(bits, 2) },
  { name: 'inputs', figure: shown('inputs'), value: ({ bits }) => bits.length },
];

export const k1: Claim = defineClaim({
  claim:
    'Inputs keep their answer with 3 to 5 bits, and with the fewer the nearer they are to the centre of their label.',
  paper: papers.coach,
  standIn: `${adaptiveStandIn} The fewest bits of an input are those from which on, with all more, the answer stays. Distance: |F − c| / |c| to the calibrated centre of the model’s answer; inputs whose answer has no centre of five samples are left out. At the cut that K8 chooses.`,
  needsData: true,
  figures: Object.fromEntries(
    subjects.flatMap(({ name }) => entries.map((entry) => [`${name}, ${entry.name}`, entry.figure])),
  ),
  observed: (findings) => subjects.map(({ name }) => sentence(name, findings)),
  remarks: ['A figure of colours prints no correlation: ours is held to be above 0 and no more.'],
  run: async ({ dataFolder, signal }) => {
    const studies = await studyAll({ dataFolder: dataFolder ?? '', signal });
    return Object.fromEntries(
      studies.flatMap((study) => {
        const needs = needsOf(study);
        return entries.map(({ name, value }) => [`${study.subject.name}, ${name}`, value(needs)] as const);
      }),
    );
  },
});

interface Needs {
  readonly bits: readonly AffineBits[];
  /** To the centre, by input. */
  readonly distances: readonly number[];
}

const leastCount = 5;

function needsOf({ chosen }: SubjectStudy): Needs {
  const centres = centresOf(chosen);
  const inputs = chosen.recorded.judged.flat().flatMap((sample) => {
    const centre = centres.get(sample.label);
    return centre === undefined
      ? []
      : [{ bits: fewestBits(sample), distance: distance(sample.feature, centre) }];
  });
  return { bits: inputs.map(({ bits }) => bits), distances: inputs.map((input) => input.distance) };
}

/** Not those that calibration keeps: it keeps none where neither exits nor fewer bits are worth anything, as for MobileNetV2. */
function centresOf({ recorded }: CutStudy): ReadonlyMap<number, Float64Array> {
  const byLabel = new Map<number, RecordedSample[]>();
  for (const sample of recorded.calibration)
    byLabel.set(sample.label, [...(byLabel.get(sample.label) ?? []), sample]);
  const usable = [...byLabel].filter(([, own]) => own.length >= leastCount);
  return new Map(usable.map(([label, own]) => [label, meanOf(own)]));
}

function meanOf(samples: readonly RecordedSample[]): Float64Array {
  const mean = new Float64Array(samples[0]?.feature.length ?? 0);
  for (const { feature } of samples)
    for (const [at, value] of feature.entries()) mean[at] = (mean[at] ?? 0) + value / samples.length;
  return mean;
}

function distance(feature: Float32Array, centre: Float64Array): number {
  let square = 0;
  let norm = 0;
  for (const [at, value] of centre.entries()) {
    square += ((feature[at] ?? 0) - value) ** 2;
    norm += value ** 2;
  }
  return Math.sqrt(square / norm);
}

/** 8 where even these change the answer. */
function fewestBits({ label, coded }: RecordedSample): AffineBits {
  const spoilt = affineBits.findLast((bits) => coded[bits] !== label);
  return affineBits.find((bits) => bits > (spoilt ?? 0)) ?? 8;
}

const shareOf = (bits: readonly AffineBits[], wanted: AffineBits): number =>
  (100 * bits.filter((own) => own === wanted).length) / bits.length;

function middle(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ?? Number.NaN;
}

/** 0 where all are equal. */
function spearman(left: readonly number[], right: readonly number[]): number {
  const [first, second] = [ranks(left), ranks(right)];
  const mean = (left.length - 1) / 2;
  let product = 0;
  let firstSquare = 0;
  let secondSquare = 0;
  for (const [at, rank] of first.entries()) {
    const [a, b] = [rank - mean, (second[at] ?? 0) - mean];
    product += a * b;
    firstSquare += a * a;
    secondSquare += b * b;
  }
  return product === 0 ? 0 : product / Math.sqrt(firstSquare * secondSquare);
}

/** Equal values share the mean of their ranks. */
function ranks(values: readonly number[]): readonly number[] {
  const order = [...values.keys()].sort((left, right) => (values[left] ?? 0) - (values[right] ?? 0));
  const found = values.map(() => 0);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to] ?? 0] === values[order[from] ?? 0]) to++;
    for (let at = from; at < to; at++) found[order[at] ?? 0] = (from + to - 1) / 2;
    from = to;
  }
  return found;
}

function sentence(name: string, findings: Findings): string {
  const rho = findings[`${name}, rank correlation of distance and fewest bits`] ?? Number.NaN;
  const inputs = findings[`${name}, inputs`] ?? 0;
  // The standard error of a rank correlation of nothing.
  const isSure = Math.abs(rho) > 2 / Math.sqrt(Math.max(2, inputs) - 1);
  return `${name}: ρ is ${rho.toFixed(2)} over ${inputs} inputs, ${isSure ? 'more than chance' : 'no more than chance'}.`;
}
