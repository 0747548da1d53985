import { UnsupportedError } from '../errors.ts';
import { elementCount } from './element-count.ts';
import type { ElementType, TensorProto } from './model.ts';
import { tensorBytes } from './tensor-bytes.ts';

/** Integer tensors are read for shapes, axes and indices: longer ones are data. */
const mostIntegers = 2 ** 16;

type ReadInteger = (view: DataView, index: number) => bigint;

const integerReaders: Readonly<Partial<Record<ElementType, ReadInteger>>> = {
  int64: (view, index) => view.getBigInt64(index * 8, true),
  uint64: (view, index) => view.getBigUint64(index * 8, true),
  int32: (view, index) => BigInt(view.getInt32(index * 4, true)),
  uint32: (view, index) => BigInt(view.getUint32(index * 4, true)),
  int16: (view, index) => BigInt(view.getInt16(index * 2, true)),
  uint16: (view, index) => BigInt(view.getUint16(index * 2, true)),
  int8: (view, index) => BigInt(view.getInt8(index)),
  uint8: (view, index) => BigInt(view.getUint8(index)),
  bool: (view, index) => BigInt(view.getUint8(index)),
};

/** The elements of a small integer or boolean tensor. Throws UnsupportedError for other types and above 65,536 elements. */
export function tensorIntegers(tensor: TensorProto): readonly bigint[] {
  const { name, dims, elementType } = tensor;
  const count = elementCount(name, dims);
  const read = integerReaders[elementType];
  if (!read || count > mostIntegers) {
    throw new UnsupportedError(
      `tensor '${name}' holds ${count} elements of type ${elementType}, expected at most ${mostIntegers} integers`,
      'Give shapes, axes and indices as a small int64 tensor.',
    );
  }
  const bytes = tensorBytes(tensor);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: count }, (_, index) => read(view, index));
}
