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
} from '../cluster/document-fields.ts';
import { type LosslessName, losslessNames } from '../codec/codec.ts';
import { longestBatchWait, mostTogether } from './batch-faults.ts';
import { longestPattern, mostVariants } from './mix.ts';
import { type Figure, figures } from './plan.ts';
import { mostReplicas } from './replica-faults.ts';
import { mostThreads } from './thread-faults.ts';
import type { TransferCodec } from './transfer-codec.ts';

/** The keys of a plan file, level by level. */
export interface PlanDocument {
  readonly format?: 'tandem-plan';
  readonly formatVersion?: number;
  readonly problemDigest?: string;
  readonly version?: number;
  readonly planner?: string;
  readonly stages?: readonly unknown[];
  readonly transfers?: readonly unknown[];
  readonly frequency?: Readonly<Record<string, unknown>>;
  readonly mix?: unknown;
  readonly policies?: unknown;
  readonly claim?: unknown;
  readonly why?: unknown;
}

export interface MixValues {
  readonly variants?: readonly unknown[];
  readonly pattern?: readonly number[];
}

export interface VariantValues {
  readonly stages?: readonly unknown[];
  readonly transfers?: readonly unknown[];
}

export interface StageValues {
  readonly device?: string;
  readonly nodes?: readonly number[];
  readonly replicas?: readonly unknown[];
  readonly threads?: number;
  readonly cpus?: readonly number[];
  readonly batch?: number;
  readonly batchWaitSeconds?: number;
}

export interface ReplicaValues {
  readonly device?: string;
  readonly weight?: number;
}

export interface TransferValues {
  readonly tensor?: number;
  readonly from?: string;
  readonly to?: string;
  readonly codec?: unknown;
}

export interface CodecValues {
  readonly kind?: TransferCodec['kind'];
  readonly bits?: number;
  readonly perChannel?: boolean;
  readonly lossless?: LosslessName;
  readonly bitsPerElement?: number;
}

export interface ClaimValues {
  readonly figure?: Figure;
  readonly value?: number;
}

export interface WhyValues extends ClaimValues {
  readonly sentence?: string;
  readonly runnerUp?: unknown;
}

export interface RunnerUpValues {
  readonly name?: string;
  readonly value?: number;
}

const mostItems = 1_000_000;
const device: Field<string> = required(textField(64));
const index: Field<number> = integerField(0, mostItems);
const quantity: Field<number> = numberField(0, Number.MAX_VALUE);
const figure: Field<Figure> = required(choiceField<Figure>(figures));

export const planFields: FieldsOf<PlanDocument> = {
  format: required(choiceField(['tandem-plan'])),
  formatVersion: required(integerField(1, mostItems)),
  problemDigest: required(patternField(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hexadecimal')),
  version: required(integerField(1, Number.MAX_SAFE_INTEGER)),
  planner: required(textField(200)),
  stages: required(listField(mostItems)),
  transfers: required(listField(mostItems)),
  frequency: anyRecord,
  mix: anyRecord,
  policies: anyRecord,
  claim: anyRecord,
  why: required(anyRecord),
};

export const mixFields: FieldsOf<MixValues> = {
  variants: required(listField(mostVariants)),
  pattern: required(listOf(index, longestPattern)),
};

export const variantFields: FieldsOf<VariantValues> = {
  stages: required(listField(mostItems)),
  transfers: required(listField(mostItems)),
};

export const stageFields: FieldsOf<StageValues> = {
  device,
  nodes: required(listOf(index, mostItems)),
  replicas: listField(mostReplicas),
  threads: integerField(1, mostThreads),
  cpus: listOf(integerField(0, mostThreads - 1), mostThreads),
  batch: integerField(2, mostTogether),
  batchWaitSeconds: numberField(0, longestBatchWait),
};

export const replicaFields: FieldsOf<ReplicaValues> = { device, weight: required(quantity) };

export const transferFields: FieldsOf<TransferValues> = {
  tensor: required(index),
  from: device,
  to: device,
  codec: required(anyRecord),
};

export const codecFields: FieldsOf<CodecValues> = {
  kind: required(choiceField<TransferCodec['kind']>(['raw', 'affine', 'fp16', 'bf16', 'picture'])),
  bits: integerField(2, 8),
  perChannel: yesOrNo,
  lossless: choiceField(losslessNames),
  bitsPerElement: numberField(1e-6, 64),
};

export const claimFields: FieldsOf<ClaimValues> = { figure, value: required(quantity) };

export const whyFields: FieldsOf<WhyValues> = {
  sentence: required(textField(10_000)),
  figure,
  value: required(quantity),
  runnerUp: {
    expected: 'an object or null',
    required: true,
    accepts: (value): value is object | null => value === null || anyRecord.accepts(value),
  },
};

export const runnerUpFields: FieldsOf<RunnerUpValues> = {
  name: required(textField(200)),
  value: required(quantity),
};
