/**
 * A ModelProto as plain frozen data. Field names follow onnx.proto in full words; weights stay where they lie (`ByteRange`),
 * so a 500 MB model costs a few kilobytes to hold. Fields that this page does not name are kept as bytes and written back.
 */

/** Random access to bytes that may not fit in memory: a file, a buffer, a seeded generator. */
export interface ByteSource {
  readonly size: number;
  /** `length` bytes from `offset`; throws when the range leaves [0, size]. The result must not be modified. */
  read(offset: number, length: number): Uint8Array;
}

/** Bytes by reference. */
export interface ByteRange {
  readonly source: ByteSource;
  readonly offset: number;
  readonly length: number;
}

export interface ModelProto {
  readonly irVersion: number;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly domain: string;
  readonly modelVersion: number;
  readonly documentation: string;
  readonly operatorSets: readonly OperatorSet[];
  readonly graph: GraphProto;
  readonly metadata: readonly StringPair[];
  /** Fields not named above (model-local functions, training info …), in wire form. */
  readonly rest: readonly ByteRange[];
}

export interface OperatorSet {
  /** '' is ai.onnx. */
  readonly domain: string;
  readonly version: number;
  /** Fields not named above, and empty ones that were written out, in wire form; so too wherever `rest` is optional below. */
  readonly rest?: readonly ByteRange[];
}

export interface StringPair {
  readonly key: string;
  readonly value: string;
  readonly rest?: readonly ByteRange[];
}

export interface GraphProto {
  readonly name: string;
  readonly documentation: string;
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  /** Before IR version 4 every initializer is listed among the inputs too. */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly valueInfos: readonly ValueInfo[];
  readonly rest: readonly ByteRange[];
}

export interface NodeProto {
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  /** '' stands for an optional input that is absent. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly Attribute[];
  readonly documentation: string;
  readonly rest: readonly ByteRange[];
}

export type Attribute = AttributeContent & { readonly rest?: readonly ByteRange[] };

export type AttributeContent =
  | { readonly name: string; readonly kind: 'float'; readonly value: number }
  | { readonly name: string; readonly kind: 'int'; readonly value: bigint }
  | { readonly name: string; readonly kind: 'string'; readonly value: string }
  | { readonly name: string; readonly kind: 'tensor'; readonly value: TensorProto }
  | { readonly name: string; readonly kind: 'graph'; readonly value: GraphProto }
  | { readonly name: string; readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly name: string; readonly kind: 'ints'; readonly value: readonly bigint[] }
  | { readonly name: string; readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly name: string; readonly kind: 'graphs'; readonly value: readonly GraphProto[] }
  /** Sparse tensors, type protos, tensor lists, references to function attributes: the whole AttributeProto in wire form. */
  | { readonly name: string; readonly kind: 'other'; readonly encoded: ByteRange };

export interface ValueInfo {
  readonly name: string;
  readonly type: ValueType | null;
  readonly documentation: string;
  readonly rest: readonly ByteRange[];
}

export type ValueType =
  | {
      readonly kind: 'tensor';
      readonly elementType: ElementType;
      readonly shape: readonly Dimension[] | null;
      /** What the tensor means, such as 'IMAGE', and what each of its axes means, such as 'DATA_CHANNEL'. */
      readonly denotation?: string;
      readonly axisDenotations?: readonly string[];
    }
  /** Sequences, maps, optionals, sparse tensors: the whole TypeProto in wire form. */
  | { readonly kind: 'other'; readonly encoded: ByteRange };

/** A number of elements, a symbol such as 'N', or null when nothing is said. */
export type Dimension = number | string | null;

export interface TensorProto {
  readonly name: string;
  readonly elementType: ElementType;
  readonly dims: readonly number[];
  readonly data: TensorData;
  readonly documentation: string;
  readonly rest?: readonly ByteRange[];
}

export type TensorData =
  /** Little-endian elements, row-major: raw_data, or a packed float_data / double_data, which have the same bytes. */
  | { readonly kind: 'bytes'; readonly bytes: ByteRange }
  /** Elements in another file; `length` null = to its end. */
  | {
      readonly kind: 'external';
      readonly location: string;
      readonly offset: number;
      readonly length: number | null;
    }
  | { readonly kind: 'strings'; readonly values: readonly string[] };

/** Element types and the number that TensorProto.DataType gives them. */
export const elementTypeCodes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  complex64: 14,
  complex128: 15,
  bfloat16: 16,
  float8e4m3fn: 17,
  float8e4m3fnuz: 18,
  float8e5m2: 19,
  float8e5m2fnuz: 20,
  uint4: 21,
  int4: 22,
  float4e2m1: 23,
} as const;

export type ElementType = keyof typeof elementTypeCodes;

/** Bits of one element; 'string' has none and counts 0. */
export const elementBits: Readonly<Record<ElementType, number>> = {
  float32: 32,
  uint8: 8,
  int8: 8,
  uint16: 16,
  int16: 16,
  int32: 32,
  int64: 64,
  string: 0,
  bool: 8,
  float16: 16,
  float64: 64,
  uint32: 32,
  uint64: 64,
  complex64: 64,
  complex128: 128,
  bfloat16: 16,
  float8e4m3fn: 8,
  float8e4m3fnuz: 8,
  float8e5m2: 8,
  float8e5m2fnuz: 8,
  uint4: 4,
  int4: 4,
  float4e2m1: 4,
};
