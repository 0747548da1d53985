import { type CrossingBits, crossingBits } from '../../calibrate/crossing-bits.ts';
import {
  anyRecord,
  choiceField,
  type Field,
  type FieldsOf,
  integerField,
  listField,
  listOf,
  numberField,
  patternField,
  required,
  textField,
  yesOrNo,
} from '../../cluster/document-fields.ts';
import { type AffineBits, affineBits } from '../../codec/codec.ts';

/** The keys of a calibration file, level by level. */
export interface CalibrationDocument {
  readonly format?: 'tandem-calibration';
  readonly formatVersion?: number;
  readonly model?: unknown;
  readonly data?: unknown;
  readonly mostLoss?: number;
  readonly cuts?: readonly unknown[];
  readonly heads?: unknown;
}

export interface ModelValues {
  readonly name?: string;
  readonly digest?: string;
  readonly inputs?: string;
}

export interface DataValues {
  readonly name?: string;
  readonly digest?: string;
  readonly samples?: number;
  readonly judgedBy?: 'labels' | 'agreement';
}

export interface CutValues {
  readonly tensors?: readonly string[];
  readonly bits?: readonly (CrossingBits | null)[];
  readonly losses?: readonly unknown[];
  readonly online?: unknown;
  readonly exitShare?: number;
  readonly sent?: readonly unknown[];
  readonly centres?: readonly unknown[];
  readonly notes?: readonly string[];
}

export interface SentValues {
  readonly afterExits?: boolean;
  readonly bits?: readonly unknown[];
  readonly loss?: unknown;
}

export interface CutLossValues {
  readonly bits?: readonly (CrossingBits | null)[];
  readonly loss?: unknown;
}

export interface LossValues {
  readonly samples?: number;
  readonly lost?: number;
  readonly share?: number;
  readonly low?: number;
  readonly high?: number;
}

export interface OnlineValues {
  readonly exitAbove?: number | null;
  readonly fewerBits?: readonly unknown[];
  readonly offlineBits?: AffineBits;
  readonly mostDistance?: number | null;
  readonly labels?: number;
  readonly similarity?: unknown;
  readonly samples?: number;
  readonly exitLoss?: unknown;
  readonly notes?: readonly string[];
}

export interface CentreValues {
  readonly label?: number;
  readonly count?: number;
  readonly centre?: readonly number[];
}

export interface HeadsValues {
  readonly heads?: readonly unknown[];
  readonly settings?: readonly unknown[];
  readonly notes?: readonly string[];
}

export interface HeadValues {
  readonly tensor?: string;
  readonly labels?: readonly number[];
  readonly weights?: readonly (readonly number[])[];
}

export interface SettingValues {
  readonly threshold?: number;
  readonly from?: number;
  readonly shares?: readonly number[];
  readonly loss?: unknown;
}

const most = 1_000_000;
const mostLabels = 100_000;
const mostChannels = 2 ** 20;
const text = required(textField(10_000));
const digest = required(patternField(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hexadecimal'));
const share: Field<number> = numberField(0, 1);
const signedShare: Field<number> = numberField(-1, 1);
const quantity: Field<number> = numberField(0, Number.MAX_VALUE);
const label: Field<number> = integerField(0, Number.MAX_SAFE_INTEGER);
const float: Field<number> = numberField(-3.5e38, 3.5e38);
const notes = required(listOf(textField(10_000), 1000));
const bits: Field<AffineBits> = choiceField<AffineBits>(affineBits);

function orNull<Value>(field: Field<Value>): Field<Value | null> {
  return {
    expected: `${field.expected} or null`,
    required: true,
    accepts: (value): value is Value | null => value === null || field.accepts(value),
  };
}

const cutBits = required(listOf(orNull(choiceField<CrossingBits>(crossingBits)), 1000));

export const documentFields: FieldsOf<CalibrationDocument> = {
  format: required(choiceField(['tandem-calibration'])),
  formatVersion: required(integerField(1, most)),
  model: required(anyRecord),
  data: required(anyRecord),
  mostLoss: required(share),
  cuts: required(listField(mostLabels)),
  heads: required(anyRecord),
};

export const modelFields: FieldsOf<ModelValues> = { name: text, digest, inputs: text };

export const dataFields: FieldsOf<DataValues> = {
  name: text,
  digest,
  samples: required(integerField(0, 2 ** 31)),
  judgedBy: required(choiceField(['labels', 'agreement'])),
};

export const cutFields: FieldsOf<CutValues> = {
  tensors: required(listOf(textField(10_000), 1000)),
  bits: cutBits,
  losses: required(listField(most)),
  online: required(anyRecord),
  exitShare: required(share),
  sent: required(listField(2)),
  centres: required(listField(mostLabels)),
  notes,
};

export const cutLossFields: FieldsOf<CutLossValues> = { bits: cutBits, loss: required(anyRecord) };

export const lossFields: FieldsOf<LossValues> = {
  samples: required(integerField(0, 2 ** 31)),
  lost: required(integerField(-(2 ** 31), 2 ** 31)),
  share: required(signedShare),
  low: required(share),
  high: required(share),
};

export const onlineFields: FieldsOf<OnlineValues> = {
  exitAbove: orNull(quantity),
  fewerBits: required(listField(affineBits.length)),
  offlineBits: required(bits),
  mostDistance: orNull(quantity),
  labels: required(integerField(0, mostLabels)),
  similarity: required(anyRecord),
  samples: required(integerField(0, 2 ** 31)),
  exitLoss: required(anyRecord),
  notes,
};

export const sentFields: FieldsOf<SentValues> = {
  afterExits: required(yesOrNo),
  bits: required(listField(affineBits.length)),
  loss: required(anyRecord),
};

export const bitsShareFields: FieldsOf<{ readonly bits?: AffineBits; readonly share?: number }> = {
  bits: required(bits),
  share: required(share),
};

export const bitsThresholdFields: FieldsOf<{ readonly bits?: AffineBits; readonly atLeast?: number }> = {
  bits: required(bits),
  atLeast: required(quantity),
};

export const similarityFields: FieldsOf<{ readonly mean?: number; readonly deviation?: number }> = {
  mean: required(float),
  deviation: required(quantity),
};

export const exitLossFields: FieldsOf<Pick<LossValues, 'share' | 'low' | 'high'>> = {
  share: required(share),
  low: required(share),
  high: required(share),
};

export const centreFields: FieldsOf<CentreValues> = {
  label: required(label),
  count: required(integerField(1, 2 ** 31)),
  centre: required(listOf(float, mostChannels)),
};

export const headsFields: FieldsOf<HeadsValues> = {
  heads: required(listField(1000)),
  settings: required(listField(1000)),
  notes,
};

export const headFields: FieldsOf<HeadValues> = {
  tensor: text,
  labels: required(listOf(label, mostLabels)),
  weights: required(listOf(listOf(float, mostChannels), mostLabels)),
};

export const settingFields: FieldsOf<SettingValues> = {
  threshold: required(share),
  from: required(integerField(0, 1000)),
  shares: required(listOf(share, 1000)),
  loss: required(anyRecord),
};
