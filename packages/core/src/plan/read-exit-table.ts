import { DocumentFaults, type DocumentPath, valueText } from '../cluster/document-faults.ts';
import {
  choiceField,
  type FieldsOf,
  integerField,
  listField,
  numberField,
  patternField,
  readFields,
  required,
  textField,
} from '../cluster/document-fields.ts';
import { InvalidInputError, RefusedError } from '../errors.ts';
import type { Graph, TensorId } from '../graph/graph.ts';
import { bytes, flops } from '../units.ts';
import { checkExitTable, type ExitHead, type ExitTable } from './exit-table.ts';
import { type ExitKind, type ExitPoint, type ExitPolicy, exitKinds } from './policies.ts';

/** No table of a real model comes near. */
const mostCharacters = 16 * 2 ** 20;
const remedy = 'Correct the file; it names tensors as the model does, where one tensor alone leads on.';

interface TableDocument {
  readonly format?: string;
  readonly formatVersion?: number;
  readonly modelDigest?: string;
  readonly heads?: readonly unknown[];
  readonly settings?: readonly unknown[];
}

interface HeadRow {
  readonly tensor?: string;
  readonly kind?: ExitKind;
  readonly flops?: number;
  readonly movedBytes?: number;
  readonly parameterBytes?: number;
  readonly answerBytes?: number;
}

interface SettingRow {
  readonly points?: readonly unknown[];
  readonly accuracyLoss?: number;
}

interface PointRow {
  readonly tensor?: string;
  readonly kind?: ExitKind;
  readonly threshold?: number;
  readonly share?: number;
}

const name = required(textField(10_000));
const kind = required(choiceField<ExitKind>(exitKinds));
const cost = required(numberField(0, Number.MAX_SAFE_INTEGER));
const share = required(numberField(0, 1));

const tableFields: FieldsOf<TableDocument> = {
  format: required(patternField(/^tandem-exits$/, '"tandem-exits"')),
  formatVersion: required(integerField(1, 1)),
  modelDigest: patternField(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hexadecimal'),
  heads: required(listField(10_000)),
  settings: required(listField(10_000)),
};

const headFields: FieldsOf<HeadRow> = {
  tensor: name,
  kind,
  flops: cost,
  movedBytes: cost,
  parameterBytes: cost,
  answerBytes: cost,
};

const settingFields: FieldsOf<SettingRow> = { points: required(listField(10_000)), accuracyLoss: share };

const pointFields: FieldsOf<PointRow> = {
  tensor: name,
  kind,
  threshold: required(numberField(-Number.MAX_VALUE, Number.MAX_VALUE)),
  share,
};

/**
 * The table of exits in the text of a file, which names tensors by their names in the model. Throws RefusedError where the file says
 * that it was measured on another model, InvalidInputError for anything else that is wrong.
 */
export function readExitTable(text: string, graph: Graph): ExitTable {
  const faults = new DocumentFaults();
  const root = readFields<TableDocument>(parseJson(text), [], tableFields, faults);
  faults.throwIfAny(remedy);
  if (root.modelDigest !== undefined && root.modelDigest !== graph.modelDigest) {
    throw new RefusedError(
      `the table of exits was measured on the model ${root.modelDigest}, expected ${graph.modelDigest ?? 'one without a digest'}`,
      'Measure the exits of this model, or give the model that they were measured on.',
    );
  }
  const names = new Map(graph.tensors.map((tensor) => [tensor.name, tensor.id]));
  const idOf = (tensor: string | undefined, path: DocumentPath): TensorId => {
    const id = tensor === undefined ? 0 : names.get(tensor);
    if (id === undefined)
      faults.add([...path, 'tensor'], `${valueText(tensor)} is no tensor of the model '${graph.name}'.`);
    return id ?? 0;
  };
  const heads = (root.heads ?? []).map((row, at) => headOf(row, ['heads', at], idOf, faults));
  const settings = (root.settings ?? []).map((row, at) => settingOf(row, ['settings', at], idOf, faults));
  faults.throwIfAny(remedy);
  const table: ExitTable = { heads, settings };
  checkExitTable(graph, table);
  return table;
}

type IdOf = (tensor: string | undefined, path: DocumentPath) => TensorId;

function headOf(value: unknown, path: DocumentPath, idOf: IdOf, faults: DocumentFaults): ExitHead {
  const row = readFields<HeadRow>(value, path, headFields, faults);
  return {
    tensor: idOf(row.tensor, path),
    kind: row.kind ?? 'confidence',
    flops: flops(row.flops ?? 0),
    movedBytes: bytes(row.movedBytes ?? 0),
    parameterBytes: bytes(row.parameterBytes ?? 0),
    answerBytes: bytes(row.answerBytes ?? 0),
  };
}

function settingOf(value: unknown, path: DocumentPath, idOf: IdOf, faults: DocumentFaults): ExitPolicy {
  const { points = [], accuracyLoss = 0 } = readFields<SettingRow>(value, path, settingFields, faults);
  return {
    points: points.map((point, at): ExitPoint => {
      const place = [...path, 'points', at];
      const row = readFields<PointRow>(point, place, pointFields, faults);
      return {
        tensor: idOf(row.tensor, place),
        kind: row.kind ?? 'confidence',
        threshold: row.threshold ?? 0,
        share: row.share ?? 0,
      };
    }),
    accuracyLoss,
  };
}

function parseJson(text: string): unknown {
  if (text.length > mostCharacters) {
    throw new InvalidInputError(
      `the table of exits has ${text.length} characters, expected at most ${mostCharacters}`,
      remedy,
    );
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidInputError(`the table of exits is not JSON: ${reason.slice(0, 200)}`, remedy, { cause });
  }
}
