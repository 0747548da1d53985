import {
  type Expression,
  everyLane,
  f32x4,
  i8x16,
  i16x8,
  i32x4,
  load,
  splat,
  store,
  type Vector,
} from './expression.ts';
import { every, type Kernel, KernelWriter, when } from './kernel-writer.ts';

/** Elements that a turn of `quantise4` takes: their codes are 16 bytes. */
export const packedElementsATurn = 32;

/** Of the 16 bits of a code with its fraction; above them the code's four, and a sign that is never set. */
const fractionBits = 11;
/** Adding it to a float32 near 0 leaves so many bits for a fraction: the sum's last bits are the number. */
const fixedPoint = 1.5 * 2 ** (23 - fractionBits);
const fixedPointBits = 0x45c00000;
/** Adding it leaves none: the sum is rounded, ties to even. */
const noFraction = 1.5 * 2 ** 23;

/**
 * quantise4(values, count, codes, scale, −zero): clamp(round(x / scale) + zero) at 4 bits, two codes a byte. Dividing would take
 * longer than all else here, so it multiplies by 1 / scale. Within the codes that is wrong by less than 2^-19: 15.5 steps, rounded twice by
 * 2^-24. So it gives another code only within so much of a tie, where x / scale + zero + 1/2 comes out with 11 bits of 0 as its fraction.
 * A turn with such a value, about one in a hundred, is done again by dividing.
 */
export function quantisePackedKernel(): Kernel {
  const writer = new KernelWriter();
  const [values, count, codes] = [writer.parameter('i32'), writer.parameter('i32'), writer.parameter('i32')];
  const [scale, lowest] = [writer.parameter('f32'), writer.parameter('f32')];
  const [scales, inverses] = [writer.local('v128'), writer.local('v128')];
  const [least, origins] = [writer.local('v128'), writer.local('v128')];
  const [first, second] = [writer.local('v128'), writer.local('v128')];
  const [third, fourth] = [writer.local('v128'), writer.local('v128')];
  const multiplied = (offset: number): Vector => f32x4.mul(load(values, offset), inverses);
  const divided = (offset: number): Vector => {
    const rounded = f32x4.add(f32x4.div(load(values, offset), scales), everyLane.f32(noFraction));
    return f32x4.sub(rounded, everyLane.f32(noFraction));
  };
  const coded = (steps: (offset: number) => Vector): number[] => {
    // Narrowing clamps what is too large; far below 0, the sum would have lost its sign.
    const four = (offset: number): Vector =>
      i32x4.add(f32x4.add(f32x4.max(steps(offset), least), origins), everyLane.i32(-fixedPointBits));
    const eight = (offset: number): Vector => i16x8.narrowSigned(four(offset), four(offset + 16));
    return [first.set(eight(0)), second.set(eight(32)), third.set(eight(64)), fourth.set(eight(96))].flat();
  };
  const pointers = [
    [values, 4 * packedElementsATurn],
    [codes, packedElementsATurn / 2],
  ] as const;
  return writer.finish('quantise4', [
    scales.set(splat(scale)),
    inverses.set(f32x4.div(everyLane.f32(1), scales)),
    least.set(splat(lowest)),
    origins.set(f32x4.sub(everyLane.f32(fixedPoint + 0.5), least)),
    every(packedElementsATurn, count, pointers, [
      coded(multiplied),
      when(isUndecided(first, second, third, fourth), [coded(divided)]),
      store(codes, i8x16.narrowUnsigned(packed(first, second), packed(third, fourth))),
    ]),
  ]);
}

/** Whether a fraction is 0. */
function isUndecided(first: Vector, second: Vector, third: Vector, fourth: Vector): Expression<'i32'> {
  const lesser = (left: Vector, right: Vector): Vector =>
    i16x8.minUnsigned(i16x8.shiftLeft(left, 16 - fractionBits), i16x8.shiftLeft(right, 16 - fractionBits));
  const least = i16x8.minUnsigned(lesser(first, second), lesser(third, fourth));
  return i8x16.bitmask(i16x8.equal(least, everyLane.i16(0)));
}

/** Two codes a lane of 16 bits, the first the lower. */
function packed(left: Vector, right: Vector): Vector {
  const pairs = (codes: Vector): Vector =>
    i32x4.dot(i16x8.shiftRight(codes, fractionBits), everyLane.i32(1 + 16 * 2 ** 16));
  return i16x8.narrowSigned(pairs(left), pairs(right));
}
