import { everyLane, f32x4, i16x8, i32x4, load, loadWidened, store, type Vector, v128 } from './expression.ts';
import { everySixteen, type Kernel, KernelWriter, type Local } from './kernel-writer.ts';

/** Four 32-bit lanes become four others. */
type Conversion = (four: Local<'v128'>) => Vector;

/** The four kernels between float32 and 16 bits; those to 16 bits are for values whose nearest 16-bit number is finite. */
export function halfKernels(): Kernel[] {
  return [
    toSixteen('toFp16', fp16OfSingle, i16x8.narrowSigned),
    fromSixteen('fromFp16', singleOfFp16),
    toSixteen('toBf16', bf16OfSingle, i16x8.narrowUnsigned),
    fromSixteen('fromBf16', (half) => i32x4.shiftLeft(half, 16)),
  ];
}

/** name(values, count, halves) */
function toSixteen(
  name: string,
  convert: Conversion,
  narrow: (left: Vector, right: Vector) => Vector,
): Kernel {
  const writer = new KernelWriter();
  const [values, count, halves] = [writer.parameter('i32'), writer.parameter('i32'), writer.parameter('i32')];
  const [first, second] = [writer.local('v128'), writer.local('v128')];
  const eight = (offset: number): number[] => [
    ...first.set(load(values, 2 * offset)),
    ...second.set(load(values, 2 * offset + 16)),
    ...store(halves, narrow(convert(first), convert(second)), offset),
  ];
  const pointers = [
    [values, 64],
    [halves, 32],
  ] as const;
  return writer.finish(name, [everySixteen(count, pointers, [eight(0), eight(16)])]);
}

/** name(halves, count, values) */
function fromSixteen(name: string, convert: Conversion): Kernel {
  const writer = new KernelWriter();
  const [halves, count, values] = [writer.parameter('i32'), writer.parameter('i32'), writer.parameter('i32')];
  const lanes = writer.local('v128');
  const four = (offset: number): number[] => [
    ...lanes.set(loadWidened(halves, offset)),
    ...store(values, convert(lanes), 2 * offset),
  ];
  const pointers = [
    [halves, 32],
    [values, 64],
  ] as const;
  return writer.finish(name, [everySixteen(count, pointers, [four(0), four(8), four(16), four(24)])]);
}

const { i32, f32 } = everyLane;
const exponentShift = 112 << 23;

/** Below this single, a half is subnormal: its last bit is worth 2^-24, that of a float32 from 0.5 on. */
const leastNormal = 113 << 23;
const halfBits = 0x3f000000;

/** Sign-extended, for narrowing. Adding 0.5 rounds subnormals; others are rounded by a carry. Ties go to even in both. */
function fp16OfSingle(single: Local<'v128'>): Vector {
  const magnitude = v128.and(single, i32(0x7fffffff));
  const sign = v128.and(i32x4.shiftRightSigned(single, 16), i32(-0x8000));
  const subnormal = i32x4.add(f32x4.add(magnitude, f32(0.5)), i32(-halfBits));
  const isOdd = v128.and(i32x4.shiftRight(single, 13), i32(1));
  const carried = i32x4.add(i32x4.add(magnitude, i32(0xfff - exponentShift)), isOdd);
  const normal = i32x4.shiftRight(carried, 13);
  return v128.or(sign, v128.select(subnormal, normal, i32x4.lessThan(magnitude, i32(leastNormal))));
}

/** Infinity stays, NaN becomes the one NaN that JavaScript has. */
function singleOfFp16(half: Local<'v128'>): Vector {
  const magnitude = v128.and(half, i32(0x7fff));
  const sign = i32x4.shiftLeft(v128.and(half, i32(0x8000)), 16);
  const moved = i32x4.shiftLeft(magnitude, 13);
  const normal = i32x4.add(moved, i32(exponentShift));
  // As if it were normal with exponent −14, minus the leading one that it does not have.
  const subnormal = f32x4.sub(i32x4.add(moved, i32(leastNormal)), f32(2 ** -14));
  const finite = v128.select(subnormal, normal, i32x4.lessThan(magnitude, i32(0x0400)));
  const infinite = v128.and(i32x4.greaterThan(magnitude, i32(0x7bff)), i32(0x7f800000));
  const signed = v128.or(v128.or(finite, infinite), sign);
  return v128.select(i32(0x7fc00000), signed, i32x4.greaterThan(magnitude, i32(0x7c00)));
}

function bf16OfSingle(single: Local<'v128'>): Vector {
  const isOdd = v128.and(i32x4.shiftRight(single, 16), i32(1));
  return i32x4.shiftRight(i32x4.add(i32x4.add(single, i32(0x7fff)), isOdd), 16);
}
