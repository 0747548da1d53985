import { type ElementType, ExecutionError, UnsupportedError } from '@tandem/core';
import { type TensorValue, tensorByteLength } from '@tandem/runtime';
import { Tensor } from 'onnxruntime-node';

type Build = (data: Uint8Array<ArrayBuffer>, shape: readonly number[]) => Tensor;

/** How each element type becomes a tensor of the runtime, as a view of the bytes given. Types that are absent cannot be handed over. */
const builders: Readonly<Partial<Record<ElementType, Build>>> = {
  float32: (data, shape) => new Tensor('float32', view(Float32Array, data), shape),
  float64: (data, shape) => new Tensor('float64', view(Float64Array, data), shape),
  float16: (data, shape) => new Tensor('float16', view(Uint16Array, data), shape),
  int8: (data, shape) => new Tensor('int8', view(Int8Array, data), shape),
  int16: (data, shape) => new Tensor('int16', view(Int16Array, data), shape),
  int32: (data, shape) => new Tensor('int32', view(Int32Array, data), shape),
  int64: (data, shape) => new Tensor('int64', view(BigInt64Array, data), shape),
  uint8: (data, shape) => new Tensor('uint8', view(Uint8Array, data), shape),
  uint16: (data, shape) => new Tensor('uint16', view(Uint16Array, data), shape),
  uint32: (data, shape) => new Tensor('uint32', view(Uint32Array, data), shape),
  uint64: (data, shape) => new Tensor('uint64', view(BigUint64Array, data), shape),
  bool: (data, shape) => new Tensor('bool', view(Uint8Array, data), shape),
};

/** Throws ExecutionError unless there are as many bytes as type and shape say; a buffer that was taken away has none. */
export function requireSize({ name, type, shape, data }: TensorValue): void {
  const expected = tensorByteLength(type, shape);
  if (data.byteLength === expected) return;
  throw new ExecutionError(
    `the tensor ${name} holds ${data.byteLength} bytes, expected ${expected} for ${type} [${shape.join(', ')}]`,
    'Hand over as many elements as the shape says, in a buffer that no other run has taken.',
  );
}

/** `data` as a tensor of the runtime; throws UnsupportedError for a type that it has no safe way to take or give. */
export function tensorOf({ name, type, shape, data }: TensorValue): Tensor {
  return builderOf(type, name)(data, shape);
}

/** Throws UnsupportedError for a type that cannot be handed over: 4-bit outputs would abort the whole process. */
export function requireElementType(type: string, tensor: string): void {
  builderOf(type, tensor);
}

function builderOf(type: string, tensor: string): Build {
  const build = Object.hasOwn(builders, type) ? builders[type as ElementType] : undefined;
  if (build !== undefined) return build;
  throw new UnsupportedError(
    `the tensor ${tensor} has elements of type ${type}; the runtime hands over ${Object.keys(builders).join(', ')}`,
    'Cut the model where tensors have one of those types.',
  );
}

/** The elements in place; copied only where they do not start at a multiple of their size. */
function view<Elements>(
  kind: {
    readonly BYTES_PER_ELEMENT: number;
    new (buffer: ArrayBuffer, byteOffset: number, length: number): Elements;
  },
  data: Uint8Array<ArrayBuffer>,
): Elements {
  const placed = data.byteOffset % kind.BYTES_PER_ELEMENT === 0 ? data : new Uint8Array(data);
  return new kind(placed.buffer, placed.byteOffset, placed.byteLength / kind.BYTES_PER_ELEMENT);
}
