import { InvalidInputError } from '../errors.ts';
import type { ByteRange, StringPair, TensorData } from './model.ts';
import { stringPairCodec } from './string-pair-codec.ts';
import { WireWriter } from './wire-writer.ts';

type ExternalData = TensorData & { kind: 'external' };

const externalDataField = 13;
const namedKeys = ['location', 'offset', 'length'];

/** The entries of TensorProto.external_data as a reference; entries other than the three named (a checksum) in wire form. */
export function externalData(
  tensor: string,
  entries: readonly StringPair[],
): { data: ExternalData; unknown: readonly ByteRange[] } {
  const value = (key: string): string | null => entries.find((entry) => entry.key === key)?.value ?? null;
  const location = value('location');
  if (!location) throw unusable(tensor, `says '${location ?? ''}' for the location of its external data`);
  const offset = position(tensor, 'offset', value('offset')) ?? 0;
  const length = position(tensor, 'length', value('length'));
  return {
    data: { kind: 'external', location, offset, length },
    unknown: entries.filter((entry) => !namedKeys.includes(entry.key)).flatMap(encodedEntry),
  };
}

/** The reference as entries, an offset of 0 only where a length follows. */
export function externalEntries(data: ExternalData): StringPair[] {
  const { location, offset, length } = data;
  return [
    { key: 'location', value: location },
    ...(offset > 0 || length !== null ? [{ key: 'offset', value: `${offset}` }] : []),
    ...(length !== null ? [{ key: 'length', value: `${length}` }] : []),
  ];
}

function encodedEntry(entry: StringPair): ByteRange[] {
  const writer = new WireWriter();
  writer.message(externalDataField, stringPairCodec.write(entry));
  return writer.ranges();
}

function position(tensor: string, key: string, value: string | null): number | null {
  if (value === null) return null;
  const number = Number(value);
  if (/^\d{1,16}$/.test(value) && Number.isSafeInteger(number)) return number;
  throw unusable(tensor, `says '${value.slice(0, 40)}' for the ${key} of its external data`);
}

function unusable(tensor: string, what: string): InvalidInputError {
  return new InvalidInputError(
    `tensor '${tensor}' ${what}`,
    'Export the model again, with its weights inside or in a file beside it.',
  );
}
