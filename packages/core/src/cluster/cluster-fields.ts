import type { Device } from './cluster.ts';
import {
  choiceField,
  type Field,
  type FieldsOf,
  integerField,
  listField,
  numberField,
  patternField,
  required,
  textField,
  yesOrNo,
} from './document-fields.ts';

const identifier: Field<string> = patternField(
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
  "a text of 1 to 64 letters, digits, '.', '_' or '-' that starts with a letter or digit",
);
const address: Field<string> = patternField(
  /^(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253}):[0-9]{1,5}$/,
  "'HOST:PORT'",
);
/** Above 0: a rate or size of nothing would only move a division by zero elsewhere. */
const rate: Field<number> = numberField(1e-6, 1e9);
const duration: Field<number> = numberField(0, 1e9);

/** The entries of a cluster file, level by level; what is absent takes its default. */
export interface ClusterDocument {
  readonly name?: string;
  readonly hosts?: readonly unknown[];
  readonly devices?: readonly unknown[];
  readonly links?: readonly unknown[];
  readonly source?: string;
  readonly sink?: string;
}

export interface MemoryValues {
  readonly memoryBytes?: number;
  readonly memoryGigabytes?: number;
}

export interface HostValues extends MemoryValues {
  readonly id?: string;
}

export interface DeviceValues extends MemoryValues {
  readonly id?: string;
  readonly host?: string;
  readonly kind?: Device['kind'];
  readonly gigaflopsPerSecond?: number;
  readonly memoryGigabytesPerSecond?: number;
  readonly launchMicroseconds?: number;
  readonly overheadMegabytes?: number;
  readonly load?: number;
  readonly threads?: number;
  readonly emulated?: boolean;
  readonly address?: string;
}

export interface LinkValues {
  readonly from?: string;
  readonly to?: string;
  readonly megabitsPerSecond?: number;
  readonly roundTripMilliseconds?: number;
  readonly perMessageMilliseconds?: number;
  readonly bothWays?: boolean;
}

const memoryFields: FieldsOf<MemoryValues> = {
  memoryBytes: integerField(1, Number.MAX_SAFE_INTEGER),
  memoryGigabytes: numberField(1e-6, 1e6),
};

export const clusterFields: FieldsOf<ClusterDocument> = {
  name: textField(200),
  hosts: required(listField(1000)),
  devices: required(listField(1000)),
  links: listField(100_000),
  source: identifier,
  sink: identifier,
};

export const hostFields: FieldsOf<HostValues> = { id: required(identifier), ...memoryFields };

export const deviceFields: FieldsOf<DeviceValues> = {
  id: required(identifier),
  host: required(identifier),
  kind: required(choiceField<Device['kind']>(['cpu', 'gpu', 'npu'])),
  ...memoryFields,
  gigaflopsPerSecond: required(rate),
  memoryGigabytesPerSecond: required(rate),
  launchMicroseconds: duration,
  overheadMegabytes: numberField(0, 1e9),
  load: numberField(1, 1e6),
  threads: integerField(1, 1024),
  emulated: yesOrNo,
  address,
};

export const linkFields: FieldsOf<LinkValues> = {
  from: required(identifier),
  to: required(identifier),
  megabitsPerSecond: required(rate),
  roundTripMilliseconds: duration,
  perMessageMilliseconds: duration,
  bothWays: yesOrNo,
};
