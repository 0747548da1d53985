import {
  everyLane,
  f32x4,
  i8x16,
  i16x8,
  i32x4,
  load,
  splat,
  splatByte,
  store,
  type Vector,
} from './expression.ts';
import { everySixteen, type Kernel, KernelWriter } from './kernel-writer.ts';

/** Adding it to a float32 near 0 leaves no bits for a fraction: the sum is rounded, ties to even, and its last bits are the integer. */
const noFraction = 1.5 * 2 ** 23;
const noFractionBits = 0x4b400000;

/** quantise(values, count, codes, scale, −zero, zero, top): clamp(round(x / scale) + zero), a byte each. */
export function quantiseKernel(): Kernel {
  const writer = new KernelWriter();
  const [values, count, codes] = [writer.parameter('i32'), writer.parameter('i32'), writer.parameter('i32')];
  const [scale, lowest] = [writer.parameter('f32'), writer.parameter('f32')];
  const [zero, top] = [writer.parameter('i32'), writer.parameter('i32')];
  const [scales, zeros] = [writer.local('v128'), writer.local('v128')];
  const [least, tops] = [writer.local('v128'), writer.local('v128')];
  // Narrowing clamps what is too large, and what is just below 0; far below, the sum would have lost its sign.
  const four = (offset: number): Vector => {
    const steps = f32x4.max(f32x4.div(load(values, offset), scales), least);
    return i32x4.add(f32x4.add(steps, everyLane.f32(noFraction)), zeros);
  };
  const narrowed = i8x16.narrowUnsigned(
    i16x8.narrowSigned(four(0), four(16)),
    i16x8.narrowSigned(four(32), four(48)),
  );
  const pointers = [
    [values, 64],
    [codes, 16],
  ] as const;
  return writer.finish('quantise', [
    scales.set(splat(scale)),
    least.set(splat(lowest)),
    tops.set(splatByte(top)),
    zeros.set(i32x4.add(splat(zero), everyLane.i32(-noFractionBits))),
    everySixteen(count, pointers, [store(codes, i8x16.minUnsigned(narrowed, tops))]),
  ]);
}

/** dequantise(codes, count, values, scale, zero): (code − zero) × scale. */
export function dequantiseKernel(): Kernel {
  const writer = new KernelWriter();
  const [codes, count, values] = [writer.parameter('i32'), writer.parameter('i32'), writer.parameter('i32')];
  const [scale, zero] = [writer.parameter('f32'), writer.parameter('i32')];
  const [scales, zeros] = [writer.local('v128'), writer.local('v128')];
  const [first, second] = [writer.local('v128'), writer.local('v128')];
  const four = (offset: number, integers: Vector): number[] => [
    ...store(values, f32x4.mul(f32x4.ofIntegers(integers), scales), offset),
  ];
  return writer.finish('dequantise', [
    scales.set(splat(scale)),
    zeros.set(i16x8.narrowSigned(splat(zero), splat(zero))),
    everySixteen(
      count,
      [
        [codes, 16],
        [values, 64],
      ],
      [
        first.set(i16x8.sub(i16x8.widenLow(load(codes)), zeros)),
        second.set(i16x8.sub(i16x8.widenHigh(load(codes)), zeros)),
        four(0, i32x4.widenLowSigned(first)),
        four(16, i32x4.widenHighSigned(first)),
        four(32, i32x4.widenLowSigned(second)),
        four(48, i32x4.widenHighSigned(second)),
      ],
    ),
  ]);
}
