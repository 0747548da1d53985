/** The types of WebAssembly that the kernels use. */
export type ValueType = 'i32' | 'f32' | 'v128';

/** Instructions that leave one value of the type on the stack, as bytes. */
export interface Expression<T extends ValueType> {
  readonly type: T;
  readonly bytes: readonly number[];
}

/** Instructions that leave nothing. */
export type Statement = readonly number[];

export type Vector = Expression<'v128'>;
export type Address = Expression<'i32'>;
type Unary = (operand: Vector) => Vector;
type Binary = (left: Vector, right: Vector) => Vector;
/** Shifts every lane by the same number of bits, known when the kernel is written. */
type Shift = (operand: Vector, count: number) => Vector;

/** The lowest 7 bits first, the eighth bit of a byte saying that more follow (LEB128, unsigned). */
export function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** The same for numbers with a sign, whose last byte carries it. */
function signed(value: number): number[] {
  const isLast = value >= -0x40 && value < 0x40;
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}

/** Opcodes of vector instructions are a prefix and a number. */
const vectorOpcode = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];
const vector = (...bytes: number[]): Vector => ({ type: 'v128', bytes });
const unary =
  (opcode: number): Unary =>
  (operand) =>
    vector(...operand.bytes, ...vectorOpcode(opcode));
const binary =
  (opcode: number): Binary =>
  (left, right) =>
    vector(...left.bytes, ...right.bytes, ...vectorOpcode(opcode));
const shift =
  (opcode: number): Shift =>
  (operand, count) =>
    vector(...operand.bytes, ...integer(count).bytes, ...vectorOpcode(opcode));

export function integer(value: number): Expression<'i32'> {
  return { type: 'i32', bytes: [0x41, ...signed(value)] };
}

/** Four equal lanes. */
export function splat(operand: Expression<'i32' | 'f32'>): Vector {
  return vector(...operand.bytes, ...vectorOpcode(operand.type === 'i32' ? 0x11 : 0x13));
}

/** Sixteen lanes, each the lowest byte. */
export function splatByte(operand: Expression<'i32'>): Vector {
  return vector(...operand.bytes, ...vectorOpcode(0x0f));
}

/** Sixteen bytes; the first has the lowest address. */
export function constant(bytes: Uint8Array): Vector {
  return vector(...vectorOpcode(0x0c), ...bytes);
}

/** The bytes of `operand` that `indices` name; 0 for an index above 15. */
export const pick: Binary = binary(0x0e);

/** 16 bytes at an address plus `offset`, which need not be a multiple of anything. */
export function load(address: Address, offset = 0): Vector {
  return vector(...address.bytes, ...vectorOpcode(0x00), 0, ...unsigned(offset));
}

/** 8 bytes as four 16-bit numbers, each widened to 32 bits with zeros. */
export function loadWidened(address: Address, offset = 0): Vector {
  return vector(...address.bytes, ...vectorOpcode(0x04), 0, ...unsigned(offset));
}

export function store(address: Address, value: Vector, offset = 0): Statement {
  return [...address.bytes, ...value.bytes, ...vectorOpcode(0x0b), 0, ...unsigned(offset)];
}

/** Instructions by their names in the specification: lanes, then what is done to them. */
export const v128: Record<'and' | 'or' | 'xor', Binary> & {
  readonly select: (yes: Vector, no: Vector, mask: Vector) => Vector;
} = {
  and: binary(0x4e),
  or: binary(0x50),
  xor: binary(0x51),
  select: (yes, no, mask) => vector(...yes.bytes, ...no.bytes, ...mask.bytes, ...vectorOpcode(0x52)),
};

export const i8x16: Record<'narrowUnsigned' | 'minUnsigned', Binary> & {
  readonly bitmask: (operand: Vector) => Expression<'i32'>;
} = {
  bitmask: (operand) => ({ type: 'i32', bytes: [...operand.bytes, ...vectorOpcode(0x64)] }),
  narrowUnsigned: binary(0x66),
  minUnsigned: binary(0x77),
};

export const i16x8: Record<'equal' | 'narrowSigned' | 'narrowUnsigned' | 'sub' | 'minUnsigned', Binary> &
  Record<'shiftLeft' | 'shiftRight', Shift> &
  Record<'widenLow' | 'widenHigh', Unary> = {
  equal: binary(0x2d),
  narrowSigned: binary(0x85),
  narrowUnsigned: binary(0x86),
  widenLow: unary(0x89),
  widenHigh: unary(0x8a),
  shiftLeft: shift(0x8b),
  shiftRight: shift(0x8d),
  sub: binary(0x91),
  minUnsigned: binary(0x97),
};

export const i32x4: Record<'add' | 'lessThan' | 'greaterThan' | 'maxSigned' | 'maxUnsigned' | 'dot', Binary> &
  Record<'shiftLeft' | 'shiftRight' | 'shiftRightSigned', Shift> &
  Record<'widenLowSigned' | 'widenHighSigned', Unary> = {
  lessThan: binary(0x39),
  greaterThan: binary(0x3b),
  widenLowSigned: unary(0xa7),
  widenHighSigned: unary(0xa8),
  shiftLeft: shift(0xab),
  shiftRightSigned: shift(0xac),
  shiftRight: shift(0xad),
  add: binary(0xae),
  maxSigned: binary(0xb8),
  maxUnsigned: binary(0xb9),
  dot: binary(0xba),
};

export const i64x2: Record<'shiftLeft' | 'shiftRight', Shift> = {
  shiftLeft: shift(0xcb),
  shiftRight: shift(0xcd),
};

/** max(a, b) is b where a < b, else a: a where b is NaN, and a where they are zeros of either sign. */
export const f32x4: Record<'add' | 'sub' | 'mul' | 'div' | 'max', Binary> & {
  readonly ofIntegers: Unary;
} = {
  add: binary(0xe4),
  sub: binary(0xe5),
  mul: binary(0xe6),
  div: binary(0xe7),
  max: binary(0xeb),
  ofIntegers: unary(0xfa),
};

/** Constants whose lanes are all equal. */
export const everyLane: Record<'f32' | 'i32' | 'i16', (value: number) => Vector> & {
  readonly i64: (value: bigint) => Vector;
} = {
  f32: (value) => constant(new Uint8Array(new Float32Array(4).fill(value).buffer)),
  i32: (value) => constant(new Uint8Array(new Int32Array(4).fill(value).buffer)),
  i16: (value) => constant(new Uint8Array(new Int16Array(8).fill(value).buffer)),
  i64: (value) => constant(new Uint8Array(new BigInt64Array(2).fill(value).buffer)),
};
