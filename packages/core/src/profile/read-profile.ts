import { DocumentFaults, type DocumentPath, pathText, valueText } from '../cluster/document-faults.ts';
import { readFields } from '../cluster/document-fields.ts';
import { InvalidInputError, UnsupportedError } from '../errors.ts';
import { bytes, seconds } from '../units.ts';
import { nodesInRanges } from './node-ranges.ts';
import {
  type BatchValues,
  batchFields,
  type ClockValues,
  clockFields,
  type MachineValues,
  type ModelValues,
  machineFields,
  modelFields,
  type ProfileDocument,
  profileFields,
  type RepeatabilityValues,
  type RowValues,
  repeatabilityFields,
  rowFields,
} from './profile-fields.ts';
import {
  type MeasuredBatch,
  type MeasuredRow,
  type ProfileFile,
  profileFormatVersion,
  type RowClock,
} from './profile-file.ts';

/** No profile of a real model comes near. */
const mostCharacters = 64 * 2 ** 20;
const remedy = 'Measure again with `tandem profile MODEL`.';

/**
 * The profile in the text of a file that `writeProfile` made, this version's or an earlier one's. Throws UnsupportedError for a later
 * version of the format and InvalidInputError for anything else that is wrong.
 */
export function readProfile(text: string): ProfileFile {
  const value = parseJson(text);
  checkVersion(value);
  const faults = new DocumentFaults();
  const root = readFields<ProfileDocument>(value, [], profileFields, faults);
  const model = readFields<ModelValues>(root.model ?? {}, ['model'], modelFields, faults);
  const machine = readFields<MachineValues>(root.machine ?? {}, ['machine'], machineFields, faults);
  const rows = (root.rows ?? []).map((row, index) => measuredRow(row, ['rows', index], faults));
  const repeatability = (root.repeatability ?? []).map((row, index) => {
    const path = ['repeatability', index];
    const { batch, threads, rmsLogRatio } = readFields<RepeatabilityValues>(
      row,
      path,
      repeatabilityFields,
      faults,
    );
    return { batch: batch ?? 1, threads: threads ?? 1, rmsLogRatio: rmsLogRatio ?? null };
  });
  const batches = measuredBatches(model, faults);
  faults.throwIfAny(remedy);
  const nodes = model.nodes ?? 0;
  for (const { kind, name } of rows) if (kind === 'segment') nodesInRanges(name, nodes);
  return {
    model: { name: model.name ?? '', digest: model.digest ?? '', nodes, batches },
    device: root.device ?? '',
    runtime: root.runtime ?? '',
    machine: {
      processor: machine.processor ?? '',
      cores: machine.cores ?? 1,
      memoryBytes: bytes(machine.memoryBytes ?? 0),
      ...(machine.runtimeBytes === undefined ? {} : { runtimeBytes: bytes(machine.runtimeBytes) }),
      system: machine.system ?? '',
    },
    passes: root.passes ?? 1,
    rows,
    repeatability,
  };
}

function measuredBatches({ inputs, batches }: ModelValues, faults: DocumentFaults): MeasuredBatch[] {
  if (inputs !== undefined) return [{ batch: 1, inputs }];
  if (batches === undefined) faults.add(['model'], 'model has no batches, expected what was fed at each.');
  return (batches ?? []).map((value, index) => {
    const row = readFields<BatchValues>(value, ['model', 'batches', index], batchFields, faults);
    return { batch: row.batch ?? 1, inputs: row.inputs ?? '' };
  });
}

function parseJson(text: string): unknown {
  if (text.length > mostCharacters) {
    throw new InvalidInputError(
      `the profile has ${text.length} characters, expected at most ${mostCharacters}`,
      remedy,
    );
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new InvalidInputError('the profile is not one JSON document', remedy, { cause });
  }
}

/** Checked before all fields, which a newer format may have changed. */
function checkVersion(value: unknown): void {
  if (value === null || typeof value !== 'object' || !('formatVersion' in value)) return;
  const { formatVersion } = value;
  if (typeof formatVersion === 'number' && formatVersion >= 1 && formatVersion <= profileFormatVersion)
    return;
  throw new UnsupportedError(
    `the profile has format version ${valueText(formatVersion)}, expected 1 to ${profileFormatVersion}`,
    'Use the version of Tandem that wrote it, or measure again.',
  );
}

function measuredRow(value: unknown, path: DocumentPath, faults: DocumentFaults): MeasuredRow {
  const row = readFields<RowValues>(value, path, rowFields, faults);
  if (row.kind === 'codec' && (row.step === undefined || row.elements === undefined))
    faults.add(path, `${pathText(path)} is of a codec, expected step and elements.`);
  const clock = row.clock === undefined ? {} : { clock: rowClock(row.clock, [...path, 'clock'], faults) };
  return {
    kind: row.kind ?? 'node',
    name: row.name ?? '',
    threads: row.threads ?? 1,
    batch: row.batch ?? 1,
    frequencyHertz: row.frequencyHertz ?? null,
    ...clock,
    state: row.state ?? 'warm',
    seconds: seconds(row.seconds ?? 0),
    spreadSeconds: seconds(row.spreadSeconds ?? 0),
    ...(row.step === undefined ? {} : { step: row.step }),
    ...(row.elements === undefined ? {} : { elements: row.elements }),
    ...(row.loadSeconds === undefined ? {} : { loadSeconds: seconds(row.loadSeconds) }),
    ...(row.memoryBytes === undefined ? {} : { memoryBytes: bytes(row.memoryBytes) }),
  };
}

function rowClock(value: unknown, path: DocumentPath, faults: DocumentFaults): RowClock {
  const { kind = 'pace', share, hertz, name } = readFields<ClockValues>(value, path, clockFields, faults);
  const missing = (key: string): void =>
    faults.add(path, `${pathText(path)} is of kind ${kind}, expected ${key}.`);
  switch (kind) {
    case 'pace':
    case 'quota':
      if (share === undefined) missing('share');
      return { kind, share: share ?? 1 };
    case 'level':
      if (hertz === undefined) missing('hertz');
      return { kind, hertz: hertz ?? 1 };
    case 'mode':
      if (name === undefined) missing('name');
      return { kind, name: name ?? '' };
  }
}
