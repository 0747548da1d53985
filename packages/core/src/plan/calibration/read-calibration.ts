import type { CountedLoss } from '../../calibrate/answer-losses.ts';
import type { OnlineThresholds } from '../../calibrate/calibrate-online.ts';
import type { HeadSetting } from '../../calibrate/head-settings.ts';
import type { CutBits } from '../../calibrate/search-cut.ts';
import type { SentBits } from '../../calibrate/sent-bits.ts';
import { DocumentFaults, type DocumentPath, pathText, valueText } from '../../cluster/document-faults.ts';
import { readFields } from '../../cluster/document-fields.ts';
import { InvalidInputError, UnsupportedError } from '../../errors.ts';
import {
  type CalibratedCut,
  type CalibratedHead,
  type CalibratedHeads,
  type Calibration,
  type CutLoss,
  calibrationFormatVersion,
  type LabelCentre,
} from './calibration.ts';
import {
  bitsShareFields,
  bitsThresholdFields,
  type CalibrationDocument,
  type CentreValues,
  type CutLossValues,
  type CutValues,
  centreFields,
  cutFields,
  cutLossFields,
  type DataValues,
  dataFields,
  documentFields,
  exitLossFields,
  type HeadsValues,
  type HeadValues,
  headFields,
  headsFields,
  type LossValues,
  lossFields,
  type ModelValues,
  modelFields,
  type OnlineValues,
  onlineFields,
  type SentValues,
  type SettingValues,
  sentFields,
  settingFields,
  similarityFields,
} from './calibration-fields.ts';

/** That of 1000 labels at 60 cuts of 1000 channels each has fewer. */
const mostCharacters = 2 ** 29;
const remedy = 'Calibrate again with `tandem calibrate MODEL --data FOLDER`.';

/**
 * The calibration in the text of a file that `writeCalibration` made. Throws UnsupportedError for a later version of the format, and for
 * version 1 where several tensors cross a cut together, and InvalidInputError for anything else that is wrong.
 */
export function readCalibration(text: string): Calibration {
  const value = parseJson(text);
  checkFormat(value);
  const faults = new DocumentFaults();
  const root = readFields<CalibrationDocument>(value, [], documentFields, faults);
  if (root.formatVersion !== undefined && root.formatVersion > calibrationFormatVersion)
    throw new UnsupportedError(
      `the calibration has format version ${root.formatVersion}, expected 1 to ${calibrationFormatVersion}`,
      'Use the version of Tandem that wrote it, or calibrate again.',
    );
  const model = readFields<ModelValues>(root.model ?? {}, ['model'], modelFields, faults);
  const data = readFields<DataValues>(root.data ?? {}, ['data'], dataFields, faults);
  const cuts = (root.cuts ?? []).map((value, at) => cutRow(value, ['cuts', at], faults));
  const heads = headsRow(root.heads ?? {}, ['heads'], faults);
  faults.throwIfAny(remedy);
  if (root.formatVersion === 1) checkScaled(cuts);
  return {
    model: { name: model.name ?? '', digest: model.digest ?? '', inputs: model.inputs ?? '' },
    data: {
      name: data.name ?? '',
      digest: data.digest ?? '',
      samples: data.samples ?? 0,
      judgedBy: data.judgedBy ?? 'agreement',
    },
    mostLoss: root.mostLoss ?? 0,
    cuts,
    heads,
  };
}

function parseJson(text: string): unknown {
  if (text.length > mostCharacters)
    throw new InvalidInputError(
      `the calibration has ${text.length} characters, expected at most ${mostCharacters}`,
      remedy,
    );
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new InvalidInputError('the calibration is not one JSON document', remedy, { cause });
  }
}

/** Checked before all fields: of another file there is nothing more to say. */
function checkFormat(value: unknown): void {
  const format = value !== null && typeof value === 'object' && 'format' in value ? value.format : undefined;
  if (format === 'tandem-calibration') return;
  throw new InvalidInputError(
    `the calibration has the format ${valueText(format)}, expected "tandem-calibration"`,
    'Give a file that `tandem calibrate` wrote.',
  );
}

/** Version 1 did not scale what is told apart at several tensors, and its numbers do not show that. */
function checkScaled(cuts: readonly CalibratedCut[]): void {
  const at = cuts.findIndex(({ tensors }) => tensors.length > 1);
  if (at < 0) return;
  throw new UnsupportedError(
    `the calibration has format version 1 and ${cuts[at]?.tensors.length} tensors in cuts[${at}], expected version ${calibrationFormatVersion}, which scales the features of tensors that cross together`,
    remedy,
  );
}

function cutRow(value: unknown, path: DocumentPath, faults: DocumentFaults): CalibratedCut {
  const row = readFields<CutValues>(value, path, cutFields, faults);
  const { tensors = [], bits = [], losses = [], centres = [], notes = [] } = row;
  sameLength(bits, tensors, [...path, 'bits'], faults);
  const own = centres.map((centre, at) => centreRow(centre, [...path, 'centres', at], faults));
  for (const [at, { centre }] of own.entries())
    sameLength(centre, own[0]?.centre ?? [], [...path, 'centres', at], faults);
  return {
    tensors,
    bits,
    losses: losses.map((loss, at) => cutLossRow(loss, tensors, [...path, 'losses', at], faults)),
    online: onlineRow(row.online ?? {}, [...path, 'online'], faults),
    exitShare: row.exitShare ?? 0,
    sent: (row.sent ?? []).map((value, at) => sentRow(value, [...path, 'sent', at], faults)),
    centres: own,
    notes,
  };
}

function sentRow(value: unknown, path: DocumentPath, faults: DocumentFaults): SentBits {
  const row = readFields<SentValues>(value, path, sentFields, faults);
  const bits = (row.bits ?? []).map((entry, at) => {
    const { bits: own = 8, share = 0 } = readFields(entry, [...path, 'bits', at], bitsShareFields, faults);
    return { bits: own, share };
  });
  const sum = bits.reduce((total, { share }) => total + share, 0);
  if (!(Math.abs(sum - 1) < 1e-6))
    faults.add(
      [...path, 'bits'],
      `${pathText([...path, 'bits'])} has shares that add up to ${sum}, expected 1.`,
    );
  return {
    afterExits: row.afterExits ?? false,
    bits,
    loss: lossRow(row.loss ?? {}, [...path, 'loss'], faults),
  };
}

function cutLossRow(
  value: unknown,
  tensors: readonly string[],
  path: DocumentPath,
  faults: DocumentFaults,
): CutLoss {
  const row = readFields<CutLossValues>(value, path, cutLossFields, faults);
  const bits: CutBits = row.bits ?? [];
  sameLength(bits, tensors, [...path, 'bits'], faults);
  return { bits, loss: lossRow(row.loss ?? {}, [...path, 'loss'], faults) };
}

function lossRow(value: unknown, path: DocumentPath, faults: DocumentFaults): CountedLoss {
  const row = readFields<LossValues>(value, path, lossFields, faults);
  const { samples = 0, lost = 0, share = 0, low = 0, high = 1 } = row;
  return { samples, lost, share, low, high };
}

function onlineRow(value: unknown, path: DocumentPath, faults: DocumentFaults): OnlineThresholds {
  const row = readFields<OnlineValues>(value, path, onlineFields, faults);
  const spread = readFields(row.similarity ?? {}, [...path, 'similarity'], similarityFields, faults);
  const loss = readFields(row.exitLoss ?? {}, [...path, 'exitLoss'], exitLossFields, faults);
  return {
    exitAbove: row.exitAbove ?? null,
    fewerBits: (row.fewerBits ?? []).map((entry, at) => {
      const fewer = readFields(entry, [...path, 'fewerBits', at], bitsThresholdFields, faults);
      return { bits: fewer.bits ?? 8, atLeast: fewer.atLeast ?? 0 };
    }),
    offlineBits: row.offlineBits ?? 8,
    mostDistance: row.mostDistance ?? null,
    labels: row.labels ?? 0,
    similarity: { mean: spread.mean ?? 0, deviation: spread.deviation ?? 0 },
    samples: row.samples ?? 0,
    exitLoss: { share: loss.share ?? 0, low: loss.low ?? 0, high: loss.high ?? 1 },
    notes: row.notes ?? [],
  };
}

function centreRow(value: unknown, path: DocumentPath, faults: DocumentFaults): LabelCentre {
  const { label = 0, count = 1, centre = [] } = readFields<CentreValues>(value, path, centreFields, faults);
  return { label, count, centre };
}

function headsRow(value: unknown, path: DocumentPath, faults: DocumentFaults): CalibratedHeads {
  const row = readFields<HeadsValues>(value, path, headsFields, faults);
  const heads = (row.heads ?? []).map((head, at) => headRow(head, [...path, 'heads', at], faults));
  const settings = (row.settings ?? []).map((entry, at): HeadSetting => {
    const place = [...path, 'settings', at];
    const row = readFields<SettingValues>(entry, place, settingFields, faults);
    const { threshold = 0, from = 0, shares = [], loss } = row;
    sameLength(shares, heads, [...place, 'shares'], faults);
    return { threshold, from, shares, loss: lossRow(loss ?? {}, [...place, 'loss'], faults) };
  });
  return { heads, settings, notes: row.notes ?? [] };
}

function headRow(value: unknown, path: DocumentPath, faults: DocumentFaults): CalibratedHead {
  const { tensor = '', labels = [], weights = [] } = readFields<HeadValues>(value, path, headFields, faults);
  sameLength(weights, labels, [...path, 'weights'], faults);
  for (const [at, row] of weights.entries())
    sameLength(row, weights[0] ?? [], [...path, 'weights', at], faults);
  return { tensor, labels, weights };
}

function sameLength(
  got: readonly unknown[],
  expected: readonly unknown[],
  path: DocumentPath,
  faults: DocumentFaults,
): void {
  if (got.length === expected.length) return;
  faults.add(path, `${pathText(path)} has ${got.length} entries, expected ${expected.length}.`);
}
