import { InvalidInputError } from '../errors.ts';
import type { ByteRange, Dimension, ElementType, ValueType } from './model.ts';
import { elementTypeCodes } from './model.ts';
import { type Codec, messageCodec, none, type Open } from './schema.ts';
import { integer, messageList, optionalInteger, optionalMessage, optionalText } from './schema-fields.ts';
import { WireWriter } from './wire-writer.ts';

interface RawDimension extends Open {
  value: bigint | null;
  parameter: string | null;
  denotation: string | null;
}

interface RawShape extends Open {
  dimensions: readonly RawDimension[];
}

interface RawTensorType extends Open {
  elementType: number;
  shape: RawShape | null;
}

interface RawType extends Open {
  tensorType: RawTensorType | null;
  denotation: string | null;
}

const dimensionCodec = messageCodec<RawDimension>(
  () => ({ value: null, parameter: null, denotation: null }),
  [optionalInteger(1, 'value'), optionalText(2, 'parameter'), optionalText(3, 'denotation')],
);

const shapeCodec = messageCodec<RawShape>(
  () => ({ dimensions: none }),
  [messageList(1, 'dimensions', () => dimensionCodec)],
);

const tensorTypeCodec = messageCodec<RawTensorType>(
  () => ({ elementType: 0, shape: null }),
  [integer(1, 'elementType'), optionalMessage(2, 'shape', () => shapeCodec)],
);

const rawTypeCodec = messageCodec<RawType>(
  () => ({ tensorType: null, denotation: null }),
  [optionalMessage(1, 'tensorType', () => tensorTypeCodec), optionalText(6, 'denotation')],
);

const elementTypes = new Map<number, ElementType>(
  Object.entries(elementTypeCodes).map(([type, code]) => [code, type as ElementType]),
);

/** The element type that onnx.proto numbers `code`. */
export function elementTypeOf(code: number): ElementType | null {
  return elementTypes.get(code) ?? null;
}

/** TypeProto: dense tensors in full, everything else (sequences, maps, element types of tomorrow) in wire form. */
export const valueTypeCodec: Codec<ValueType> = {
  read: (reader, end) => {
    const encoded = reader.range(reader.position, end);
    return Object.freeze(fromRaw(rawTypeCodec.read(reader, end), encoded));
  },
  write: (type) => {
    if (type.kind === 'tensor') return rawTypeCodec.write(toRaw(type));
    const writer = new WireWriter();
    writer.encoded(type.encoded);
    return writer;
  },
};

function fromRaw(raw: RawType, encoded: ByteRange): ValueType {
  const tensor = raw.tensorType;
  const elementType = tensor && elementTypeOf(tensor.elementType);
  if (!tensor || !elementType || !saidInFull(raw, tensor)) return { kind: 'other', encoded };
  const dimensions = tensor.shape?.dimensions ?? none;
  const axes = dimensions.map((dimension) => dimension.denotation ?? '');
  return {
    kind: 'tensor',
    elementType,
    shape: tensor.shape && Object.freeze(dimensions.map(dimensionOf)),
    ...(raw.denotation && { denotation: raw.denotation }),
    ...(axes.some((axis) => axis !== '') && { axisDenotations: Object.freeze(axes) }),
  };
}

function saidInFull(raw: RawType, tensor: RawTensorType): boolean {
  const parts: readonly Open[] = [raw, tensor, tensor.shape ?? {}, ...(tensor.shape?.dimensions ?? none)];
  return parts.every((part) => part.rest === undefined);
}

/** Exporters also write -1 for an unknown size, and ONNX Runtime reads it so. */
function dimensionOf(raw: RawDimension): Dimension {
  if (raw.value === null) return raw.parameter || null;
  const size = Number(raw.value);
  return size >= 0 && Number.isSafeInteger(size) ? size : null;
}

function toRaw(type: ValueType & { kind: 'tensor' }): RawType {
  const dimensions = type.shape?.map((dimension, axis) => ({
    value: typeof dimension === 'number' ? sizeOf(dimension) : null,
    parameter: typeof dimension === 'string' ? dimension : null,
    denotation: type.axisDenotations?.[axis] || null,
  }));
  return {
    tensorType: {
      elementType: elementTypeCodes[type.elementType],
      shape: dimensions ? { dimensions } : null,
    },
    denotation: type.denotation ?? null,
  };
}

function sizeOf(dimension: number): bigint {
  if (Number.isSafeInteger(dimension) && dimension >= 0) return BigInt(dimension);
  throw new InvalidInputError(
    `a tensor type has a dimension of ${dimension}, expected a whole number >= 0`,
    "Give the number of elements, a symbol such as 'N', or null.",
  );
}
