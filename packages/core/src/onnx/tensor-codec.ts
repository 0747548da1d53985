import { InvalidInputError, UnsupportedError } from '../errors.ts';
import { zeroRange } from './byte-source.ts';
import { byteCount, elementCount } from './element-count.ts';
import { externalData, externalEntries } from './external-entries.ts';
import {
  type ByteRange,
  type ElementType,
  elementTypeCodes,
  type StringPair,
  type TensorData,
  type TensorProto,
} from './model.ts';
import { type Codec, expectSpan, type Field, messageCodec, none, type Open } from './schema.ts';
import { integer, integerList, messageList, optionalRange, text, textList } from './schema-fields.ts';
import { stringPairCodec } from './string-pair-codec.ts';
import { aloneWireType, type TypedRun, typedElements, typedWire } from './typed-data.ts';
import { elementTypeOf } from './value-type-codec.ts';
import { wireTypes } from './wire-reader.ts';

interface RawTensor extends Open {
  dims: readonly bigint[];
  elementType: number;
  run: TypedRun | null;
  strings: readonly string[];
  name: string;
  raw: ByteRange | null;
  documentation: string;
  external: readonly StringPair[];
  location: number;
}

const rawTensorCodec: Codec<RawTensor> = messageCodec<RawTensor>(emptyTensor, [
  integerList(1, 'dims'),
  integer(2, 'elementType'),
  typedField(4),
  typedField(5),
  textList(6, 'strings'),
  typedField(7),
  text(8, 'name'),
  optionalRange(9, 'raw'),
  typedField(10),
  typedField(11),
  text(12, 'documentation'),
  messageList(13, 'external', () => stringPairCodec),
  integer(14, 'location'),
]);

/** TensorProto. Elements stay where they lie unless they are coded as single numbers; a length that disagrees with dims is refused. */
export const tensorCodec: Codec<TensorProto> = {
  read: (reader, end) => fromRaw(rawTensorCodec.read(reader, end)),
  write: (tensor) => rawTensorCodec.write(toRaw(tensor)),
};

function emptyTensor(): RawTensor {
  return {
    dims: none,
    elementType: 0,
    run: null,
    strings: none,
    name: '',
    raw: null,
    documentation: '',
    external: none,
    location: 0,
  };
}

/** One of the fields that hold elements as numbers. They are written back through `rest`, which keeps them at their place. */
function typedField(number: number): Field<RawTensor> {
  return {
    number,
    read: (into, key, reader, end) => {
      const packed = key.wireType === wireTypes.bytes;
      if (!packed) reader.expect(key, aloneWireType(number));
      const span = packed ? expectSpan(key, reader, end) : null;
      if (span) reader.skipTo(span.end);
      else reader.skip(key.wireType, end);
      const wire = reader.range(key.start, reader.position);
      const content = span ? reader.range(span.start, span.end) : wire;
      into.run = joinRuns(into, { field: number, packed, wire, content });
      return true;
    },
    write: () => {},
  };
}

function joinRuns(tensor: RawTensor, next: TypedRun): TypedRun {
  const { run, name } = tensor;
  if (!run) return next;
  const adjoins = run.wire.offset + run.wire.length === next.wire.offset;
  if (run.packed || next.packed || run.field !== next.field || !adjoins) {
    throw new InvalidInputError(
      `tensor '${name}' keeps its elements in scattered fields`,
      'Store the tensor as raw_data.',
    );
  }
  const wire = { ...run.wire, length: run.wire.length + next.wire.length };
  return { ...run, wire, content: wire };
}

function fromRaw(raw: RawTensor): TensorProto {
  const elementType = checkedType(raw);
  const dims = Object.freeze(raw.dims.map(Number));
  const { data, unknown } = dataOf(raw, elementType, dims);
  if (data.kind === 'bytes') checkLength(raw.name, elementType, dims, data.bytes.length);
  if (data.kind === 'strings') checkStrings(raw.name, elementCount(raw.name, dims), data.values.length);
  const rest = [...(raw.rest ?? none), ...unknown];
  return Object.freeze({
    name: raw.name,
    elementType,
    dims,
    data: Object.freeze(data),
    documentation: raw.documentation,
    ...(rest.length > 0 && { rest }),
  });
}

function checkedType(raw: RawTensor): ElementType {
  const type = elementTypeOf(raw.elementType);
  if (type) return type;
  throw new UnsupportedError(
    `tensor '${raw.name}' has element type number ${raw.elementType}, known are 1 to ${elementTypeCodes.float4e2m1}`,
    'Convert the tensor to a listed element type.',
  );
}

function dataOf(
  raw: RawTensor,
  type: ElementType,
  dims: readonly number[],
): { data: TensorData; unknown: readonly ByteRange[] } {
  const places = [raw.location === 1, raw.raw !== null, raw.run !== null, raw.strings.length > 0];
  if (places.filter(Boolean).length > 1) {
    throw new InvalidInputError(
      `tensor '${raw.name}' keeps its elements in more than one place`,
      'The file is damaged: export or download it again.',
    );
  }
  if (raw.location === 1) return externalData(raw.name, raw.external);
  return { data: innerData(raw, type, elementCount(raw.name, dims)), unknown: none };
}

function innerData(raw: RawTensor, type: ElementType, count: number): TensorData {
  if (type === 'string' && !raw.raw && !raw.run) return { kind: 'strings', values: raw.strings };
  if (raw.run) return { kind: 'bytes', bytes: typedElements(raw.name, type, count, raw.run) };
  return { kind: 'bytes', bytes: raw.raw ?? zeroRange(0) };
}

function checkLength(name: string, type: ElementType, dims: readonly number[], got: number): void {
  const expected = byteCount(name, type, dims);
  if (type !== 'string' && got === expected) return;
  throw new InvalidInputError(
    `tensor '${name}' holds ${got} bytes, expected ${expected} for ${type} [${dims.slice(0, 16).join(', ')}]`,
    'The file is damaged: export or download it again.',
  );
}

function checkStrings(name: string, expected: number, got: number): void {
  if (got === expected) return;
  throw new InvalidInputError(
    `tensor '${name}' holds ${got} strings, expected ${expected} (strings must be UTF-8)`,
    'The file is damaged, or holds bytes as strings: store those as uint8.',
  );
}

function toRaw(tensor: TensorProto): RawTensor {
  const { data } = tensor;
  elementCount(tensor.name, tensor.dims);
  const wire = data.kind === 'bytes' ? typedWire(data.bytes) : null;
  const rest = [...(tensor.rest ?? none), ...(wire ? [wire] : none)];
  return {
    ...emptyTensor(),
    dims: tensor.dims.map(BigInt),
    elementType: elementTypeCodes[tensor.elementType],
    strings: data.kind === 'strings' ? data.values : none,
    name: tensor.name,
    raw: data.kind === 'bytes' && !wire ? data.bytes : null,
    documentation: tensor.documentation,
    external: data.kind === 'external' ? externalEntries(data) : none,
    location: data.kind === 'external' ? 1 : 0,
    rest,
  };
}
