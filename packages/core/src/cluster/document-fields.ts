import { nearestWord } from '../search/nearest-word.ts';
import { type DocumentFaults, type DocumentPath, pathText, valueText } from './document-faults.ts';

/** What one key of a record may hold. */
export interface Field<Value> {
  /** Completes 'expected …'. */
  readonly expected: string;
  readonly required: boolean;
  accepts(value: unknown): value is Value;
}

/** A field for every key that `Values` may have. */
export type FieldsOf<Values> = { readonly [Key in keyof Values]-?: Field<Exclude<Values[Key], undefined>> };

export function required<Value>(field: Field<Value>): Field<Value> {
  return { ...field, required: true };
}

function field<Value>(expected: string, accepts: (value: unknown) => value is Value): Field<Value> {
  return { expected, required: false, accepts };
}

/** A number in [least, most], never NaN. */
export function numberField(least: number, most: number): Field<number> {
  return field(
    `a number from ${least} to ${most}`,
    (value): value is number => typeof value === 'number' && value >= least && value <= most,
  );
}

export function integerField(least: number, most: number): Field<number> {
  return field(
    `a whole number from ${least} to ${most}`,
    (value): value is number => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
  );
}

export function textField(most: number): Field<string> {
  return field(
    `a text of 1 to ${most} characters`,
    (value): value is string => typeof value === 'string' && value.length >= 1 && value.length <= most,
  );
}

export function patternField(pattern: RegExp, expected: string): Field<string> {
  return field(expected, (value): value is string => typeof value === 'string' && pattern.test(value));
}

export function choiceField<Choice extends string | number>(choices: readonly Choice[]): Field<Choice> {
  const expected = choices.map((choice) => valueText(choice)).join(' or ');
  return field(expected, (value): value is Choice => choices.some((choice) => choice === value));
}

export const yesOrNo: Field<boolean> = field(
  'true or false',
  (value): value is boolean => typeof value === 'boolean',
);

export const anyRecord: Field<Readonly<Record<string, unknown>>> = field('an object', isRecord);

export function listField(most: number): Field<readonly unknown[]> {
  return field(
    `a list of at most ${most} entries`,
    (value): value is readonly unknown[] => Array.isArray(value) && value.length <= most,
  );
}

export function listOf<Item>(item: Field<Item>, most: number): Field<readonly Item[]> {
  return field(
    `a list of at most ${most} entries, each ${item.expected}`,
    (value): value is readonly Item[] =>
      Array.isArray(value) &&
      value.length <= most &&
      value.every((entry: unknown): entry is Item => item.accepts(entry)),
  );
}

/**
 * The values at `path` that are there and pass. Each departure from `fields`, an unknown key included, is added to `faults`; a
 * required key can therefore be absent from the result, but only when there are faults.
 */
export function readFields<Values extends object>(
  value: unknown,
  path: DocumentPath,
  fields: FieldsOf<Values>,
  faults: DocumentFaults,
): Partial<Values> {
  if (!isRecord(value)) {
    faults.add(path, `${pathText(path)} is ${valueText(value)}, expected an object.`);
    return {};
  }
  const rules = Object.entries<Field<unknown>>(fields);
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(fields, key)) faults.add([...path, key], unknownKey(path, key, Object.keys(fields)));
  }
  const accepted: Record<string, unknown> = {};
  for (const [key, rule] of rules) {
    const given = Object.hasOwn(value, key) ? value[key] : undefined;
    if (given === undefined && !rule.required) continue;
    if (rule.accepts(given)) accepted[key] = given;
    else faults.add(given === undefined ? path : [...path, key], mismatch([...path, key], given, rule));
  }
  return accepted as Partial<Values>;
}

/** Those of `keys` that `value` has, faulty or not; null when it is no object. */
export function statedKeys<Key extends string>(value: unknown, keys: readonly Key[]): readonly Key[] | null {
  if (!isRecord(value)) return null;
  return keys.filter((key) => Object.hasOwn(value, key) && value[key] !== undefined);
}

function mismatch(path: DocumentPath, given: unknown, rule: Field<unknown>): string {
  return `${pathText(path)} is ${valueText(given)}, expected ${rule.expected}.`;
}

function unknownKey(path: DocumentPath, key: string, known: readonly string[]): string {
  const nearest = nearestWord(key, known);
  const advice = nearest === null ? `expected ${known.join(', ')}` : `did you mean '${nearest}'?`;
  return `${pathText([...path, key.slice(0, 60)])} is not a known key, ${advice}${nearest === null ? '.' : ''}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
