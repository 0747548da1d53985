import { InvalidInputError } from '../errors.ts';
import { rangeOf } from './byte-source.ts';
import {
  type ByteRange,
  type ElementType,
  elementBits,
  elementTypeCodes,
  type TensorProto,
} from './model.ts';

/** A tensor from numbers or from bytes that lie elsewhere (little-endian, row-major). Throws InvalidInputError when they do not fill `dims`. */
export function tensorProto(
  name: string,
  elementType: ElementType,
  dims: readonly number[],
  data: ByteRange | readonly number[],
): TensorProto {
  const elements = dims.reduce((product, dim) => product * dim, 1);
  const bytes = isByteRange(data) ? data : packNumbers(name, elementType, data);
  const expected = Math.ceil((elements * elementBits[elementType]) / 8);
  if (!Number.isSafeInteger(elements) || elements < 0 || bytes.length !== expected) {
    throw new InvalidInputError(
      `tensor '${name}' of ${elementType} [${dims.join(', ')}] got ${bytes.length} bytes, expected ${expected}`,
      'Give as many values as the product of the dimensions.',
    );
  }
  return { name, elementType, dims, data: { kind: 'bytes', bytes }, documentation: '' };
}

/** `value` as ONNX stores integers. Throws InvalidInputError for fractions and for what a double cannot count. */
export function wholeNumber(name: string, value: number): bigint {
  if (Number.isSafeInteger(value)) return BigInt(value);
  throw new InvalidInputError(
    `'${name}' holds ${value}, expected a whole number`,
    `Write float(${value}) for a float attribute, or choose a float type for a tensor.`,
  );
}

function isByteRange(data: ByteRange | readonly number[]): data is ByteRange {
  return !Array.isArray(data);
}

type Write = (view: DataView, offset: number, value: number) => void;

const writers: Partial<Record<ElementType, Write>> = {
  float32: (view, offset, value) => view.setFloat32(offset, value, true),
  float64: (view, offset, value) => view.setFloat64(offset, value, true),
  int8: (view, offset, value) => view.setInt8(offset, value),
  int16: (view, offset, value) => view.setInt16(offset, value, true),
  int32: (view, offset, value) => view.setInt32(offset, value, true),
  int64: (view, offset, value) => view.setBigInt64(offset, BigInt(value), true),
  uint8: (view, offset, value) => view.setUint8(offset, value),
  uint16: (view, offset, value) => view.setUint16(offset, value, true),
  uint32: (view, offset, value) => view.setUint32(offset, value, true),
  uint64: (view, offset, value) => view.setBigUint64(offset, BigInt(value), true),
  bool: (view, offset, value) => view.setUint8(offset, value === 0 ? 0 : 1),
};

function packNumbers(name: string, type: ElementType, values: readonly number[]): ByteRange {
  const write = writers[type];
  if (write === undefined) {
    throw new InvalidInputError(
      `tensor '${name}' is ${type} (ONNX type ${elementTypeCodes[type]}), expected ${Object.keys(writers).join(', ')}`,
      'Give its bytes instead of numbers.',
    );
  }
  const width = elementBits[type] / 8;
  const bytes = new Uint8Array(values.length * width);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) {
    if (!type.startsWith('float')) wholeNumber(name, value);
    write(view, index * width, value);
  }
  return rangeOf(bytes);
}
