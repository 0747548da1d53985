import type { DocumentFaults } from '../cluster/document-faults.ts';
import {
  anyRecord,
  choiceField,
  type FieldsOf,
  numberField,
  readFields,
  required,
  textField,
} from '../cluster/document-fields.ts';
import type { DynamicsSettings } from '../schedule/dynamics/dynamics-state.ts';
import { seconds } from '../units.ts';
import type { ScenarioBattery, ScenarioBody, ScenarioHeat, ScenarioSensor } from './scenario.ts';

/** How a scenario's gateway adapts; which plans there are is worked out from it. */
export interface AdaptationWishes extends Pick<DynamicsSettings, 'objective' | 'goalSeconds'> {
  /** Who makes the plans, as `planner` names them. */
  readonly planner?: string;
}

const name = textField(1000);
const celsius = numberField(-273, 1e6);
const above = numberField(1e-9, 1e9);
const rather = numberField(0, 1e9);

const wishFields: FieldsOf<AdaptationWishes> = {
  planner: name,
  objective: choiceField(['latency', 'throughput', 'energy'] as const),
  goalSeconds: above,
};

interface BodyValues {
  readonly device?: string;
  readonly heat?: object;
  readonly battery?: object;
}

interface HeatValues {
  readonly ambientCelsius?: number;
  readonly steadyCelsius?: number;
  readonly seconds?: number;
  readonly limitCelsius?: number;
  readonly throttledClock?: number;
}

const bodyFields: FieldsOf<BodyValues> = { device: required(name), heat: anyRecord, battery: anyRecord };
const heatFields: FieldsOf<HeatValues> = {
  ambientCelsius: celsius,
  steadyCelsius: required(celsius),
  seconds: required(above),
  limitCelsius: required(celsius),
  throttledClock: numberField(0.01, 1),
};
const batteryFields: FieldsOf<ScenarioBattery> = {
  joules: required(above),
  idleWatts: required(rather),
  busyWatts: required(rather),
};
const sensorFields: FieldsOf<ScenarioSensor> = { sensor: required(name), quality: required(rather) };

export function adaptationOf(value: object, faults: DocumentFaults): AdaptationWishes {
  return readFields<AdaptationWishes>(value, ['adaptation'], wishFields, faults);
}

/** Null where something is added to `faults`. */
export function bodyOf(value: unknown, at: number, faults: DocumentFaults): ScenarioBody | null {
  const path = ['bodies', at];
  const { device, heat, battery } = readFields<BodyValues>(value, path, bodyFields, faults);
  if (device === undefined) return null;
  const warm = heat === undefined ? null : heatOf(heat, at, faults);
  const charged =
    battery === undefined
      ? null
      : readFields<Partial<ScenarioBattery>>(battery, [...path, 'battery'], batteryFields, faults);
  const { joules, idleWatts, busyWatts } = charged ?? {};
  return {
    device,
    ...(warm === null ? {} : { heat: warm }),
    ...(joules === undefined || idleWatts === undefined || busyWatts === undefined
      ? {}
      : { battery: { joules, idleWatts, busyWatts } }),
  };
}

function heatOf(value: object, at: number, faults: DocumentFaults): ScenarioHeat | null {
  const given = readFields<HeatValues>(value, ['bodies', at, 'heat'], heatFields, faults);
  const { ambientCelsius = 25, steadyCelsius, limitCelsius, throttledClock = 0.5 } = given;
  if (steadyCelsius === undefined || limitCelsius === undefined || given.seconds === undefined) return null;
  return { ambientCelsius, steadyCelsius, limitCelsius, throttledClock, seconds: seconds(given.seconds) };
}

/** Null where something is added to `faults`. */
export function sensorOf(value: unknown, at: number, faults: DocumentFaults): ScenarioSensor | null {
  const given = readFields<Partial<ScenarioSensor>>(value, ['sensors', at], sensorFields, faults);
  const { sensor, quality } = given;
  return sensor === undefined || quality === undefined ? null : { sensor, quality };
}
