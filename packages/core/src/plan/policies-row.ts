import type { DocumentFaults, DocumentPath } from '../cluster/document-faults.ts';
import {
  anyRecord,
  choiceField,
  type FieldsOf,
  integerField,
  listField,
  listOf,
  numberField,
  readFields,
  required,
  textField,
} from '../cluster/document-fields.ts';
import { type AffineBits, affineBits } from '../codec/codec.ts';
import {
  type BitsShare,
  type ExitKind,
  type ExitPoint,
  type ExitPolicy,
  exitKinds,
  type Policies,
  type PrecisionPolicy,
  type PrecisionRule,
  type PrecisionTransfer,
  precisionRules,
} from './policies.ts';

interface PoliciesValues {
  readonly exits?: unknown;
  readonly precision?: unknown;
}

interface ExitValues {
  readonly points?: readonly unknown[];
  readonly accuracyLoss?: number;
}

interface PrecisionValues {
  readonly rule?: PrecisionRule;
  readonly transfers?: readonly unknown[];
  readonly bits?: readonly unknown[];
}

const mostPoints = 10_000;
const index = required(integerField(0, 1_000_000));
const share = required(numberField(0, 1));

const policiesFields: FieldsOf<PoliciesValues> = { exits: anyRecord, precision: anyRecord };

const exitFields: FieldsOf<ExitValues> = {
  points: required(listField(mostPoints)),
  accuracyLoss: share,
};

const mostBeside = 1000;

const pointFields: FieldsOf<Partial<ExitPoint>> = {
  tensor: index,
  beside: listOf(integerField(0, 1_000_000), mostBeside),
  kind: required(choiceField<ExitKind>(exitKinds)),
  threshold: required(numberField(-Number.MAX_VALUE, Number.MAX_VALUE)),
  share,
};

const precisionFields: FieldsOf<PrecisionValues> = {
  rule: required(choiceField<PrecisionRule>(precisionRules)),
  transfers: required(listField(mostPoints)),
  bits: required(listField(affineBits.length)),
};

const coveredFields: FieldsOf<Partial<PrecisionTransfer>> = {
  tensor: index,
  to: required(textField(64)),
};

const bitsFields: FieldsOf<Partial<BitsShare>> = {
  bits: required(choiceField<AffineBits>(affineBits)),
  share,
};

/** The policies of a plan file, at `path`; what is wrong with them goes to `faults`. */
export function policiesRow(value: unknown, path: DocumentPath, faults: DocumentFaults): Policies {
  const row = readFields<PoliciesValues>(value, path, policiesFields, faults);
  return {
    ...(row.exits === undefined ? {} : { exits: exitRow(row.exits, [...path, 'exits'], faults) }),
    ...(row.precision === undefined
      ? {}
      : { precision: precisionRow(row.precision, [...path, 'precision'], faults) }),
  };
}

/** One setting of exits, as plans and exit tables hold it. */
function exitRow(value: unknown, path: DocumentPath, faults: DocumentFaults): ExitPolicy {
  const { points = [], accuracyLoss = 0 } = readFields<ExitValues>(value, path, exitFields, faults);
  return {
    points: points.map((point, at) => {
      const row = readFields<Partial<ExitPoint>>(point, [...path, 'points', at], pointFields, faults);
      const { tensor = 0, beside, kind = 'confidence', threshold = 0, share: leaving = 0 } = row;
      return { tensor, ...(beside === undefined ? {} : { beside }), kind, threshold, share: leaving };
    }),
    accuracyLoss,
  };
}

function precisionRow(value: unknown, path: DocumentPath, faults: DocumentFaults): PrecisionPolicy {
  const { rule = 'fill', ...lists } = readFields<PrecisionValues>(value, path, precisionFields, faults);
  return {
    rule,
    transfers: (lists.transfers ?? []).map((covered, at) => {
      const place = [...path, 'transfers', at];
      const { tensor = 0, to = '' } = readFields<Partial<PrecisionTransfer>>(
        covered,
        place,
        coveredFields,
        faults,
      );
      return { tensor, to };
    }),
    bits: (lists.bits ?? []).map((entry, at) => {
      const place = [...path, 'bits', at];
      const { bits = 8, share: chosen = 0 } = readFields<Partial<BitsShare>>(
        entry,
        place,
        bitsFields,
        faults,
      );
      return { bits, share: chosen };
    }),
  };
}
