import type { ElementType, TensorProto } from '../../onnx/model.ts';
import { tensorBytes } from '../../onnx/tensor-bytes.ts';
import { type Fact, factOf } from './fact.ts';

/** Reads the element at a byte offset; absent for types that are never folded. */
const readers: Partial<Record<ElementType, { size: number; read: (view: DataView, at: number) => number }>> =
  {
    float32: { size: 4, read: (view, at) => view.getFloat32(at, true) },
    float64: { size: 8, read: (view, at) => view.getFloat64(at, true) },
    int8: { size: 1, read: (view, at) => view.getInt8(at) },
    uint8: { size: 1, read: (view, at) => view.getUint8(at) },
    bool: { size: 1, read: (view, at) => view.getUint8(at) },
    int16: { size: 2, read: (view, at) => view.getInt16(at, true) },
    uint16: { size: 2, read: (view, at) => view.getUint16(at, true) },
    int32: { size: 4, read: (view, at) => view.getInt32(at, true) },
    uint32: { size: 4, read: (view, at) => view.getUint32(at, true) },
    int64: { size: 8, read: (view, at) => clamped(view.getBigInt64(at, true)) },
    uint64: { size: 8, read: (view, at) => clamped(view.getBigUint64(at, true)) },
  };

/** INT64_MAX stands for "to the end" in Slice: any number beyond every dimension will do. */
function clamped(value: bigint): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(value)));
}

/** A constant tensor; its bytes are read only when a rule asks for its values. */
export function tensorFact(tensor: TensorProto): Fact {
  return factOf(tensor.elementType, tensor.dims, () => {
    const reader = readers[tensor.elementType];
    if (reader === undefined || tensor.data.kind !== 'bytes') return null;
    const bytes = tensorBytes(tensor);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const count = Math.floor(bytes.byteLength / reader.size);
    return Array.from({ length: count }, (_, index) => reader.read(view, index * reader.size));
  });
}
