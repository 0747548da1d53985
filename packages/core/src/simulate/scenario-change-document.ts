import type { DocumentFaults, DocumentPath } from '../cluster/document-faults.ts';
import {
  anyRecord,
  choiceField,
  type FieldsOf,
  numberField,
  readFields,
  required,
  textField,
} from '../cluster/document-fields.ts';
import type { MissionCommand } from '../schedule/dynamics/dynamics-event.ts';
import { type Mission, missionFields } from '../schedule/dynamics/mission-document.ts';
import { seconds } from '../units.ts';
import type { ScenarioChange } from './scenario.ts';

interface ChangeValues {
  readonly kind?: 'speed' | 'rate' | 'fail' | 'sensor' | 'command';
  readonly atSeconds?: number;
  readonly device?: string;
  readonly from?: string;
  readonly to?: string;
  readonly factor?: number;
  readonly policy?: 'hold' | 'lost';
  readonly backAtSeconds?: number;
  readonly sensor?: string;
  readonly quality?: number;
  readonly command?: object;
}

const duration = numberField(0, 1e9);
const name = textField(1000);

const changeFields: FieldsOf<ChangeValues> = {
  kind: required(choiceField(['speed', 'rate', 'fail', 'sensor', 'command'] as const)),
  atSeconds: required(duration),
  device: name,
  from: name,
  to: name,
  factor: numberField(0, 1e6),
  policy: choiceField(['hold', 'lost'] as const),
  backAtSeconds: duration,
  sensor: name,
  quality: numberField(0, 1e6),
  command: anyRecord,
};

const needs = {
  speed: 'device and a factor above 0',
  rate: 'from, to and factor',
  fail: 'device',
  sensor: 'sensor and quality',
  command: 'command',
} as const;

/** One of a scenario's changes; null where something is added to `faults`. */
export function scenarioChangeOf(value: unknown, at: number, faults: DocumentFaults): ScenarioChange | null {
  const path = ['changes', at];
  const given = readFields<ChangeValues>(value, path, changeFields, faults);
  const change = changeOf(given, path, faults);
  if (change === null && given.kind !== undefined)
    faults.add(path, `changes[${at}] of kind ${given.kind} lacks something, expected ${needs[given.kind]}.`);
  return change;
}

function changeOf(given: ChangeValues, path: DocumentPath, faults: DocumentFaults): ScenarioChange | null {
  const { kind, device, from, to, factor, policy = 'hold', backAtSeconds, sensor, quality, command } = given;
  const when = { atSeconds: seconds(given.atSeconds ?? 0) };
  if (kind === 'speed' && device !== undefined && factor !== undefined && factor > 0)
    return { kind, ...when, device, factor };
  if (kind === 'rate' && from !== undefined && to !== undefined && factor !== undefined)
    return { kind, ...when, from, to, factor };
  if (kind === 'fail' && device !== undefined) {
    const back = backAtSeconds === undefined ? {} : { backAtSeconds: seconds(backAtSeconds) };
    return { kind, ...when, device, policy, ...back };
  }
  if (kind === 'sensor' && sensor !== undefined && quality !== undefined)
    return { kind, ...when, sensor, quality };
  if (kind === 'command' && command !== undefined)
    return { kind, ...when, command: commandOf(command, [...path, 'command'], faults) };
  return null;
}

const commandOf = (value: object, path: DocumentPath, faults: DocumentFaults): MissionCommand =>
  readFields<Mission>(value, path, missionFields, faults);
