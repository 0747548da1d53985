import {
  choiceField,
  type Field,
  type FieldsOf,
  integerField,
  listField,
  listOf,
  numberField,
  required,
  textField,
} from './document-fields.ts';
import type { DeviceClass } from './hardware.ts';

const watts: Field<number> = numberField(0, 1e9);
const megahertz: Field<number> = numberField(1e-3, 1e6);
const kibibytes: Field<number> = numberField(1 / 1024, 2 ** 32);
const aboveZero: Field<number> = numberField(1e-6, 1e9);

/** `frequencies:` of a device, one form of the two. */
export interface FrequencyValues {
  readonly levelsMegahertz?: readonly number[];
  readonly minimumMegahertz?: number;
  readonly maximumMegahertz?: number;
}

/** `power:` of a device, one form of the two. */
export interface PowerValues {
  readonly idleWatts?: number;
  readonly staticWatts?: number;
  readonly dynamicWattsAtMaximum?: number;
  readonly exponent?: number;
  readonly points?: readonly unknown[];
}

export interface PowerPointValues {
  readonly megahertz?: number;
  readonly watts?: number;
}

export interface MicroarchitectureValues {
  readonly class?: DeviceClass;
  readonly cores?: number;
  readonly simdBits?: number;
  readonly fmaUnits?: number;
  readonly level1Kibibytes?: number;
  readonly level2Kibibytes?: number;
  readonly level3Kibibytes?: number;
  readonly instructionSets?: readonly string[];
  readonly matrixGigaflopsPerSecond?: number;
  readonly copyGigabytesPerSecond?: number;
}

export const frequencyFields: FieldsOf<FrequencyValues> = {
  levelsMegahertz: listOf(megahertz, 1000),
  minimumMegahertz: megahertz,
  maximumMegahertz: megahertz,
};

export const powerFields: FieldsOf<PowerValues> = {
  idleWatts: required(watts),
  staticWatts: watts,
  dynamicWattsAtMaximum: watts,
  exponent: numberField(0, 10),
  points: listField(1000),
};

export const powerPointFields: FieldsOf<PowerPointValues> = {
  megahertz: required(megahertz),
  watts: required(watts),
};

export const microarchitectureFields: FieldsOf<MicroarchitectureValues> = {
  class: choiceField<DeviceClass>([
    'accelerator',
    'board',
    'browser',
    'desktop',
    'laptop',
    'phone',
    'server',
    'virtual-machine',
  ]),
  cores: integerField(1, 1e6),
  simdBits: integerField(1, 1e6),
  fmaUnits: integerField(1, 1e6),
  level1Kibibytes: kibibytes,
  level2Kibibytes: kibibytes,
  level3Kibibytes: kibibytes,
  instructionSets: listOf(textField(60), 100),
  matrixGigaflopsPerSecond: aboveZero,
  copyGigabytesPerSecond: aboveZero,
};
