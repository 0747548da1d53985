import type { Device } from './cluster.ts';
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
} from './document-fields.ts';

const identifier: Field<string> = patternField(
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
  "a text of 1 to 64 letters, digits, '.', '_' or '-' that starts with a letter or digit",
);
const address: Field<string> = patternField(
  /^(ws:\/\/)?(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253}):[0-9]{1,5}$/,
  "'HOST:PORT' or 'ws://HOST:PORT'",
);
/** Above 0: a rate or size of nothing would only move a division by zero elsewhere. */
const rate: Field<number> = numberField(1e-6, 1e9);
const catalogueName: Field<string> = textField(100);
/** Of durations and draws, which may be nothing. */
const amount: Field<number> = numberField(0, 1e9);

/** The entries of a cluster file, level by level; what is absent takes its default. */
export interface ClusterDocument {
  readonly name?: string;
  readonly hosts?: readonly unknown[];
  readonly devices?: readonly unknown[];
  readonly links?: readonly unknown[];
  readonly source?: string;
  readonly sink?: string;
}

/** An object whose own entries are read with other fields. */
type Nested = Readonly<Record<string, unknown>>;

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
  readonly like?: string;
  readonly kind?: Device['kind'];
  readonly gigaflopsPerSecond?: number;
  readonly memoryGigabytesPerSecond?: number;
  readonly launchMicroseconds?: number;
  readonly overheadMegabytes?: number;
  readonly load?: number;
  readonly threads?: number;
  readonly emulated?: boolean;
  readonly address?: string;
  readonly loadMegabytesPerSecond?: number;
  readonly labels?: readonly string[];
  readonly frequencies?: Nested;
  readonly power?: Nested;
  readonly microarchitecture?: Nested;
}

export interface LinkValues {
  readonly from?: string;
  readonly to?: string;
  readonly like?: string;
  readonly megabitsPerSecond?: number;
  readonly shannon?: Nested;
  readonly trace?: string;
  readonly loop?: boolean;
  readonly roundTripMilliseconds?: number;
  readonly perMessageMilliseconds?: number;
  readonly burstBytes?: number;
  readonly transmitWatts?: number;
  readonly receiveWatts?: number;
  readonly bothWays?: boolean;
}

export interface ShannonValues {
  readonly bandwidthMegahertz?: number;
  readonly snrDecibels?: number;
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
  like: catalogueName,
  kind: choiceField<Device['kind']>(['cpu', 'gpu', 'npu']),
  ...memoryFields,
  gigaflopsPerSecond: rate,
  memoryGigabytesPerSecond: rate,
  launchMicroseconds: amount,
  overheadMegabytes: numberField(0, 1e9),
  load: numberField(1, 1e6),
  threads: integerField(1, 1024),
  emulated: yesOrNo,
  address,
  loadMegabytesPerSecond: rate,
  labels: listOf(textField(60), 100),
  frequencies: anyRecord,
  power: anyRecord,
  microarchitecture: anyRecord,
};

export const linkFields: FieldsOf<LinkValues> = {
  from: required(identifier),
  to: required(identifier),
  like: catalogueName,
  megabitsPerSecond: rate,
  shannon: anyRecord,
  trace: textField(1000),
  loop: yesOrNo,
  roundTripMilliseconds: amount,
  perMessageMilliseconds: amount,
  burstBytes: amount,
  transmitWatts: amount,
  receiveWatts: amount,
  bothWays: yesOrNo,
};

export const shannonFields: FieldsOf<ShannonValues> = {
  bandwidthMegahertz: required(rate),
  snrDecibels: required(numberField(-100, 300)),
};
