import { InvalidInputError, UnsupportedError } from '../errors.ts';
import { rangeOf, readRange } from './byte-source.ts';
import { type ByteRange, type ByteSource, type ElementType, elementBits } from './model.ts';
import { WireReader, wireTypes } from './wire-reader.ts';

/** Adjoining fields of one number in a TensorProto that hold its elements. */
export interface TypedRun {
  readonly field: number;
  readonly packed: boolean;
  /** The whole fields, keys included. */
  readonly wire: ByteRange;
  /** The content of a packed field; the whole run where elements stand alone. */
  readonly content: ByteRange;
}

const int32Types = [
  'int32',
  'int16',
  'int8',
  'uint16',
  'uint8',
  'bool',
  'float16',
  'bfloat16',
  'float8e4m3fn',
  'float8e4m3fnuz',
  'float8e5m2',
  'float8e5m2fnuz',
  'uint4',
  'int4',
  'float4e2m1',
] as const;

/** Which of TensorProto's element fields may hold which element types. */
const fields: ReadonlyMap<number, { readonly name: string; readonly types: readonly ElementType[] }> =
  new Map([
    [4, { name: 'float_data', types: ['float32', 'complex64'] }],
    [5, { name: 'int32_data', types: int32Types }],
    [7, { name: 'int64_data', types: ['int64'] }],
    [10, { name: 'double_data', types: ['float64', 'complex128'] }],
    [11, { name: 'uint64_data', types: ['uint32', 'uint64'] }],
  ]);

const fixedWidths: ReadonlyMap<number, number> = new Map([
  [4, 4],
  [10, 8],
]);

/** Elements are converted in memory; a tensor of more belongs into raw_data. */
const mostConvertedBytes = 2 ** 28;

/** Elements as a source of little-endian bytes that remembers the fields it came from, so that they are written back as they were. */
class TypedSource implements ByteSource {
  readonly size: number;
  readonly wire: ByteRange;
  readonly #elements: ByteRange;

  constructor(elements: ByteRange, wire: ByteRange) {
    this.size = elements.length;
    this.wire = wire;
    this.#elements = elements;
  }

  read(offset: number, length: number): Uint8Array {
    return readRange({ source: this.#elements.source, offset: this.#elements.offset + offset, length });
  }
}

/** The fields that `range` was read from, where it is all of a typed element field. */
export function typedWire(range: ByteRange): ByteRange | null {
  const { source } = range;
  return source instanceof TypedSource && range.offset === 0 && range.length === source.size
    ? source.wire
    : null;
}

/**
 * Little-endian bytes of the elements in `run`: by reference where float_data and double_data are packed, else converted.
 * `count` = how many elements the tensor's dims announce. Throws InvalidInputError when there are more or fewer.
 */
export function typedElements(tensor: string, type: ElementType, count: number, run: TypedRun): ByteRange {
  const field = fields.get(run.field);
  if (!field?.types.includes(type)) {
    throw new InvalidInputError(
      `tensor '${tensor}' of type ${type} keeps its elements in ${field?.name ?? `field ${run.field}`}`,
      'The exporter is at fault: export the model again, or store the tensor as raw_data.',
    );
  }
  const byReference = run.packed && fixedWidths.has(run.field);
  const elements = byReference ? run.content : convert(tensor, type, count, run);
  const source = new TypedSource(elements, run.wire);
  return { source, offset: 0, length: source.size };
}

function convert(tensor: string, type: ElementType, count: number, run: TypedRun): ByteRange {
  const width = bytesOfEntry(type, run.field);
  const entries = Math.ceil((count * elementBits[type]) / (8 * width));
  // An entry takes a byte at least, so what is allocated stays within eight times what was sent.
  if (entries > run.content.length) throw wrongCount(tensor, entries, `${run.content.length} bytes`);
  if (entries * width > mostConvertedBytes) {
    throw new UnsupportedError(
      `tensor '${tensor}' keeps ${entries * width} bytes as single numbers, at most ${mostConvertedBytes} are converted`,
      'Store the tensor as raw_data.',
    );
  }
  const bytes = new Uint8Array(entries * width);
  writeEntries(tensor, run, new DataView(bytes.buffer), width, entries);
  return rangeOf(bytes);
}

function writeEntries(tensor: string, run: TypedRun, view: DataView, width: number, entries: number): void {
  const { source, offset, length } = run.content;
  const end = offset + length;
  // Cut off at the run's end, so that the reader's window does not reach into what follows.
  const reader = new WireReader({ size: end, read: (from, count) => source.read(from, count) }, offset);
  let index = 0;
  for (; reader.position < end; index++) {
    if (index === entries) throw wrongCount(tensor, entries, 'more');
    if (!run.packed) reader.key(end);
    writeEntry(view, index * width, width, nextEntry(reader, end, run.field));
  }
  if (index < entries) throw wrongCount(tensor, entries, `${index}`);
}

function nextEntry(reader: WireReader, end: number, field: number): bigint {
  const width = fixedWidths.get(field);
  return width === undefined ? reader.bigint(end) : reader.fixed(end, width);
}

function writeEntry(view: DataView, offset: number, width: number, value: bigint): void {
  if (width === 8) view.setBigUint64(offset, BigInt.asUintN(64, value), true);
  else if (width === 4) view.setUint32(offset, Number(BigInt.asUintN(32, value)), true);
  else if (width === 2) view.setUint16(offset, Number(BigInt.asUintN(16, value)), true);
  else view.setUint8(offset, Number(BigInt.asUintN(8, value)));
}

/** Bytes that one entry of the field stands for: half a complex number, two 4-bit elements, else one element. */
function bytesOfEntry(type: ElementType, field: number): number {
  return fixedWidths.get(field) ?? Math.max(1, elementBits[type] / 8);
}

function wrongCount(tensor: string, expected: number, got: string): InvalidInputError {
  return new InvalidInputError(
    `tensor '${tensor}' holds ${got} where its dims ask for ${expected} numbers`,
    'The file is damaged: export or download it again.',
  );
}

/** The wire type of an element of `field` that stands alone. */
export function aloneWireType(field: number): typeof wireTypes.varint | 1 | 5 {
  if (field === 4) return wireTypes.fixed32;
  return field === 10 ? wireTypes.fixed64 : wireTypes.varint;
}
