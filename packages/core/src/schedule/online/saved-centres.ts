import { DocumentFaults } from '../../cluster/document-faults.ts';
import {
  type FieldsOf,
  integerField,
  listField,
  listOf,
  numberField,
  patternField,
  readFields,
  required,
  textField,
} from '../../cluster/document-fields.ts';
import { InvalidInputError } from '../../errors.ts';
import type { KnownCentres } from './decider.ts';

interface CentresDocument {
  readonly format?: string;
  readonly formatVersion?: number;
  readonly cut?: string;
  readonly channels?: number;
  readonly factor?: number;
  readonly labels?: readonly unknown[];
}

interface LabelRow {
  readonly label?: number;
  readonly count?: number;
  readonly centre?: readonly number[];
}

const mostChannels = 2 ** 20;
const mostLabels = 100_000;
const remedy = 'Delete the file: centres are learned anew from the calibration.';

const documentFields: FieldsOf<CentresDocument> = {
  format: required(patternField(/^tandem-centres$/, '"tandem-centres"')),
  formatVersion: required(integerField(1, 1)),
  cut: required(textField(100_000)),
  channels: required(integerField(1, mostChannels)),
  factor: required(numberField(1, 1000)),
  labels: required(listField(mostLabels)),
};

const labelFields: FieldsOf<LabelRow> = {
  label: required(integerField(0, Number.MAX_SAFE_INTEGER)),
  count: required(numberField(0, Number.MAX_SAFE_INTEGER)),
  centre: required(listOf(numberField(-3.5e38, 3.5e38), mostChannels)),
};

/** The centres as text, to be read after a restart; `cut` names what they belong to: model, tensors and calibration. */
export function saveCentres(cut: string, channels: number, { centres, factor = 1 }: KnownCentres): string {
  const labels = centres.map(({ label, count, centre }) => ({
    label,
    count,
    // Nine digits name every float32 exactly.
    centre: Array.from(centre, (value) => Number(value.toPrecision(9))),
  }));
  const format = { format: 'tandem-centres', formatVersion: 1 };
  return `${JSON.stringify({ ...format, cut, channels, factor, labels })}\n`;
}

/** What `saveCentres` wrote, or why it does not fit this cut. */
export type SavedCentres =
  | { readonly kind: 'centres'; readonly known: KnownCentres }
  | { readonly kind: 'other'; readonly reason: string };

/** Throws InvalidInputError where the text is not such a file; centres of another cut are no fault, and are not used. */
export function readCentres(text: string, cut: string, channels: number): SavedCentres {
  const faults = new DocumentFaults();
  const root = readFields<CentresDocument>(parseJson(text), [], documentFields, faults);
  faults.throwIfAny(remedy);
  if (root.cut !== cut || root.channels !== channels) {
    const reason =
      `The centres were learned at the cut '${root.cut?.slice(0, 200) ?? ''}' of ${root.channels ?? 0} channels, and the cut is ` +
      `'${cut.slice(0, 200)}' of ${channels}: they say nothing here.`;
    return { kind: 'other', reason };
  }
  const centres = (root.labels ?? []).map((value, at) => {
    const row = readFields<LabelRow>(value, ['labels', at], labelFields, faults);
    const { label = 0, count = 0, centre = [] } = row;
    if (centre.length !== channels)
      faults.add(['labels', at], `labels[${at}].centre has ${centre.length} values, expected ${channels}.`);
    return { label, count, centre: Float32Array.from(centre) };
  });
  faults.throwIfAny(remedy);
  return { kind: 'centres', known: { centres, factor: root.factor ?? 1 } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidInputError(`the file of centres is not JSON: ${reason.slice(0, 200)}`, remedy, {
      cause,
    });
  }
}
