import { InvalidInputError, UnsupportedError } from '../errors.ts';
import type { Attribute, AttributeContent, ByteRange, GraphProto, TensorProto } from './model.ts';
import { type Codec, fieldNumber, messageCodec, none, type Open } from './schema.ts';
import {
  floatList,
  integer,
  integerList,
  messageList,
  optionalFloat,
  optionalInteger,
  optionalMessage,
  optionalText,
  text,
  textList,
} from './schema-fields.ts';
import { tensorCodec } from './tensor-codec.ts';
import { WireWriter } from './wire-writer.ts';

interface RawAttribute extends Open {
  name: string;
  float: number | null;
  int: bigint | null;
  string: string | null;
  tensor: TensorProto | null;
  graph: GraphProto | null;
  floats: readonly number[];
  ints: readonly bigint[];
  strings: readonly string[];
  graphs: readonly GraphProto[];
  type: number;
}

type Kind = Exclude<AttributeContent['kind'], 'other'>;

/** AttributeProto.AttributeType; those that only wire form can say are 'other'. */
const kinds: ReadonlyMap<number, AttributeContent['kind']> = new Map([
  [1, 'float'],
  [2, 'int'],
  [3, 'string'],
  [4, 'tensor'],
  [5, 'graph'],
  [6, 'floats'],
  [7, 'ints'],
  [8, 'strings'],
  [9, 'other'],
  [10, 'graphs'],
  [11, 'other'],
  [12, 'other'],
  [13, 'other'],
  [14, 'other'],
]);
const typeNumbers = new Map([...kinds].map(([number, kind]) => [kind, number]));

/** Fields that make an attribute 'other': bytes that are not text, tensor lists, type protos, references, sparse tensors. */
const otherFields: ReadonlySet<number> = new Set([4, 9, 10, 14, 15, 21, 22, 23]);

/** AttributeProto. `graphCodec` reads and writes the sub-graphs of If, Loop and Scan. */
export function attributeCodec(graphCodec: () => Codec<GraphProto>): Codec<Attribute> {
  const raw = messageCodec<RawAttribute>(emptyAttribute, [
    text(1, 'name'),
    optionalFloat(2, 'float'),
    optionalInteger(3, 'int'),
    optionalText(4, 'string'),
    optionalMessage(5, 'tensor', () => tensorCodec),
    optionalMessage(6, 'graph', graphCodec),
    floatList(7, 'floats'),
    integerList(8, 'ints'),
    textList(9, 'strings', 'keep'),
    messageList(11, 'graphs', graphCodec),
    integer(20, 'type'),
  ]);
  return {
    read: (reader, end) => {
      const encoded = reader.range(reader.position, end);
      return Object.freeze(fromRaw(raw.read(reader, end), encoded));
    },
    write: (attribute) => {
      if (attribute.kind !== 'other') return raw.write(toRaw(attribute));
      const writer = new WireWriter();
      writer.encoded(attribute.encoded);
      return writer;
    },
  };
}

function emptyAttribute(): RawAttribute {
  return {
    name: '',
    float: null,
    int: null,
    string: null,
    tensor: null,
    graph: null,
    floats: none,
    ints: none,
    strings: none,
    graphs: none,
    type: 0,
  };
}

function fromRaw(raw: RawAttribute, encoded: ByteRange): Attribute {
  const kind = raw.type === 0 ? impliedKind(raw) : kinds.get(raw.type);
  if (kind === undefined) {
    throw new UnsupportedError(
      `attribute '${raw.name}' has type number ${raw.type}, known are 1 to 14`,
      'Export the model for an operator set up to 24.',
    );
  }
  const unsaid = raw.rest?.some((field) => otherFields.has(fieldNumber(field)));
  if (kind === 'other' || unsaid) return { name: raw.name, kind: 'other', encoded };
  return { ...contentOf(raw, kind), ...(raw.rest && { rest: raw.rest }) };
}

/** Models of IR version 1 leave the type out: it is that of the one field that is there. */
function impliedKind(raw: RawAttribute): AttributeContent['kind'] {
  const there = [...typeNumbers.keys()].filter((kind) => kind !== 'other' && isThere(raw[kind]));
  return there.length === 1 && there[0] ? there[0] : 'other';
}

function isThere(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== null;
}

function contentOf(raw: RawAttribute, kind: Kind): AttributeContent {
  const { name } = raw;
  switch (kind) {
    case 'float':
      return { name, kind, value: raw.float ?? 0 };
    case 'int':
      return { name, kind, value: raw.int ?? 0n };
    case 'string':
      return { name, kind, value: raw.string ?? '' };
    case 'tensor':
      return { name, kind, value: raw.tensor ?? missing(name, kind) };
    case 'graph':
      return { name, kind, value: raw.graph ?? missing(name, kind) };
    case 'floats':
      return { name, kind, value: raw.floats };
    case 'ints':
      return { name, kind, value: raw.ints };
    case 'strings':
      return { name, kind, value: raw.strings };
    case 'graphs':
      return { name, kind, value: raw.graphs };
  }
}

function missing(name: string, kind: Kind): never {
  throw new InvalidInputError(
    `attribute '${name}' should hold a ${kind} and holds none`,
    'The file is damaged: export or download it again.',
  );
}

function toRaw(attribute: Exclude<Attribute, { kind: 'other' }>): RawAttribute {
  return {
    ...emptyAttribute(),
    name: attribute.name,
    [attribute.kind]: attribute.value,
    type: typeNumbers.get(attribute.kind) ?? 0,
    ...(attribute.rest && { rest: attribute.rest }),
  };
}
