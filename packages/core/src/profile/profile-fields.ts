import {
  anyRecord,
  choiceField,
  type Field,
  type FieldsOf,
  integerField,
  listField,
  numberField,
  patternField,
  required,
  textField,
} from '../cluster/document-fields.ts';
import type { RowClock } from './profile-file.ts';

/** The keys of a profile file, level by level. */
export interface ProfileDocument {
  readonly format?: 'tandem-profile';
  readonly formatVersion?: number;
  readonly model?: unknown;
  readonly device?: string;
  readonly runtime?: string;
  readonly machine?: unknown;
  readonly passes?: number;
  readonly rows?: readonly unknown[];
  readonly repeatability?: readonly unknown[];
}

export interface ModelValues {
  readonly name?: string;
  readonly digest?: string;
  readonly nodes?: number;
  readonly inputs?: string;
  readonly batches?: readonly unknown[];
}

export interface BatchValues {
  readonly batch?: number;
  readonly inputs?: string;
}

export interface MachineValues {
  readonly processor?: string;
  readonly cores?: number;
  readonly memoryBytes?: number;
  readonly runtimeBytes?: number;
  readonly system?: string;
}

export interface RowValues {
  readonly kind?: 'node' | 'segment' | 'codec';
  readonly name?: string;
  readonly threads?: number;
  readonly batch?: number;
  readonly frequencyHertz?: number | null;
  readonly clock?: unknown;
  readonly state?: 'warm' | 'cold';
  readonly seconds?: number;
  readonly spreadSeconds?: number;
  readonly step?: 'encode' | 'decode';
  readonly elements?: number;
  readonly loadSeconds?: number;
  readonly memoryBytes?: number;
}

export interface ClockValues {
  readonly kind?: RowClock['kind'];
  readonly share?: number;
  readonly hertz?: number;
  readonly name?: string;
}

export interface RepeatabilityValues {
  readonly batch?: number;
  readonly threads?: number;
  readonly rmsLogRatio?: number | null;
}

const most = 1_000_000;
const text: Field<string> = required(textField(10_000));
const count: Field<number> = required(integerField(1, most));
const quantity: Field<number> = numberField(0, Number.MAX_VALUE);
const quantityOrNull: Field<number | null> = {
  expected: 'a number from 0 or null',
  required: true,
  accepts: (value): value is number | null => value === null || quantity.accepts(value),
};

export const profileFields: FieldsOf<ProfileDocument> = {
  format: required(choiceField(['tandem-profile'])),
  formatVersion: count,
  model: required(anyRecord),
  device: required(textField(64)),
  runtime: text,
  machine: required(anyRecord),
  passes: count,
  rows: required(listField(most)),
  repeatability: required(listField(1000)),
};

export const modelFields: FieldsOf<ModelValues> = {
  name: text,
  digest: required(patternField(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hexadecimal')),
  nodes: count,
  // Of the first version, which measured batch 1 alone.
  inputs: textField(10_000),
  batches: listField(1000),
};

export const batchFields: FieldsOf<BatchValues> = { batch: count, inputs: text };

export const machineFields: FieldsOf<MachineValues> = {
  processor: text,
  cores: count,
  memoryBytes: required(quantity),
  runtimeBytes: quantity,
  system: text,
};

export const rowFields: FieldsOf<RowValues> = {
  kind: required(choiceField(['node', 'segment', 'codec'])),
  name: text,
  threads: count,
  batch: count,
  frequencyHertz: quantityOrNull,
  clock: anyRecord,
  state: required(choiceField(['warm', 'cold'])),
  seconds: required(quantity),
  spreadSeconds: required(quantity),
  step: choiceField(['encode', 'decode']),
  elements: integerField(1, 2 ** 32),
  loadSeconds: quantity,
  memoryBytes: quantity,
};

export const clockFields: FieldsOf<ClockValues> = {
  kind: required(choiceField(['pace', 'quota', 'level', 'mode'])),
  share: numberField(1e-6, 1),
  hertz: numberField(1, Number.MAX_VALUE),
  name: textField(100),
};

export const repeatabilityFields: FieldsOf<RepeatabilityValues> = {
  batch: integerField(1, most),
  threads: count,
  rmsLogRatio: quantityOrNull,
};
