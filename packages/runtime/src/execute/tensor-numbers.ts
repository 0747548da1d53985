import { type ElementType, halfToNumber, UnsupportedError } from '@tandem/core';
import type { TensorValue } from './executor.ts';

type Reader = (data: DataView, count: number) => ArrayLike<number>;

const each =
  (bytes: number, read: (data: DataView, offset: number) => number): Reader =>
  (data, count) =>
    Float64Array.from({ length: count }, (_, index) => read(data, index * bytes));

/** How a type's little-endian elements become numbers; 64-bit integers lose what a double cannot hold. */
const readers: Partial<Record<ElementType, Reader>> = {
  float32: each(4, (data, offset) => data.getFloat32(offset, true)),
  float64: each(8, (data, offset) => data.getFloat64(offset, true)),
  float16: each(2, (data, offset) => halfToNumber(data.getUint16(offset, true))),
  uint8: each(1, (data, offset) => data.getUint8(offset)),
  bool: each(1, (data, offset) => data.getUint8(offset)),
  int8: each(1, (data, offset) => data.getInt8(offset)),
  uint16: each(2, (data, offset) => data.getUint16(offset, true)),
  int16: each(2, (data, offset) => data.getInt16(offset, true)),
  uint32: each(4, (data, offset) => data.getUint32(offset, true)),
  int32: each(4, (data, offset) => data.getInt32(offset, true)),
  uint64: each(8, (data, offset) => Number(data.getBigUint64(offset, true))),
  int64: each(8, (data, offset) => Number(data.getBigInt64(offset, true))),
};

/** The elements as numbers, row-major. Throws UnsupportedError for types that have no plain numbers. */
export function tensorNumbers(tensor: TensorValue): ArrayLike<number> {
  const read = readers[tensor.type];
  if (read === undefined) {
    throw new UnsupportedError(
      `tensor "${tensor.name}" has elements of type ${tensor.type}, which cannot be read as numbers`,
      `Add a Cast to one of ${Object.keys(readers).join(', ')} to the model.`,
    );
  }
  const { data } = tensor;
  const count = tensor.shape.reduce((product, extent) => product * extent, 1);
  return read(new DataView(data.buffer, data.byteOffset, data.byteLength), count);
}
