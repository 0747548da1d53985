import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../random.ts';
import { plainCoder } from './activation-coder.ts';
import { affineGrid } from './affine-grid.ts';
import { affineBits, type Codec, codecName } from './codec.ts';
import { simdCoder } from './simd-coder.ts';
import type { ValueRange } from './value-range.ts';

const coder = simdCoder();
if (coder === null) throw new Error('this Node.js lacks WebAssembly vectors');
const simd = coder;

const affine = affineBits.flatMap((bits): Codec[] => [
  { kind: 'affine', bits, perChannel: false },
  { kind: 'affine', bits, perChannel: true },
]);
const codecs: readonly Codec[] = [{ kind: 'raw' }, { kind: 'fp16' }, { kind: 'bf16' }, ...affine];

const named = codecs.map((codec) => ({ name: codecName(codec), codec }));

/** Kinds of numbers that tensors can hold, each from a uniform number between 0 and 1. */
const kinds: Readonly<Record<string, (random: Random) => number>> = {
  rectified: (random) => Math.max(0, random.next() - 0.5),
  constant: () => 5,
  zeros: (random) => (random.next() < 0.5 ? -0 : 0),
  negative: (random) => -1e-3 - random.next(),
  denormal: (random) => (random.next() - 0.5) * 2 ** -127,
  'half denormal': (random) => (random.next() - 0.5) * 2 ** -13,
  huge: (random) => (random.next() - 0.4) * 3e38,
  'at ties': (random) => Math.floor(random.next() * 511) / 2,
  'near the largest half': (random) => (random.next() - 0.5) * 131_100,
};

interface Activation {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

function activation(shape: readonly number[], kind: string, seed: number): Activation {
  const random = createRandom(seed);
  const elements = shape.reduce((product, size) => product * size, 1);
  return { shape, values: Float32Array.from({ length: elements }, () => kinds[kind]!(random)) };
}

const shapes = fc.oneof(
  fc.tuple(fc.nat(2), fc.nat(3), fc.nat(150)),
  fc.tuple(fc.constant(1), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 5000, max: 9000 })),
);
const activations = fc
  .tuple(shapes, fc.constantFrom(...Object.keys(kinds)), fc.integer({ min: 0, max: 1e6 }))
  .map(([shape, kind, seed]) => activation(shape, kind, seed));
const runs = { seed: 1, numRuns: 80 };

/** Too short for some tensors, not aligned, and full of what was there before. */
const usedBytes = new Uint8Array(40_001).fill(165).subarray(1);
const usedValues = new Float32Array(10_001).fill(-7).subarray(1);

/** The same bytes and values as the plain coder's; the bits of a NaN are nobody's business. */
function expectSame({ shape, values }: Activation, codec: Codec, ranges?: readonly ValueRange[]): void {
  const options = ranges === undefined ? {} : { ranges };
  const plain = plainCoder.encode(values, shape, codec, options);
  const encoded = simd.encode(values, shape, codec, { ...options, into: usedBytes });
  expect(encoded.rawBecause).toBe(plain.rawBecause);
  expect(firstDifference(encoded.bytes, plain.bytes)).toBeNull();
  const decoded = simd.decode(plain.bytes, shape, codec, { into: usedValues });
  expect(firstDifference(decoded, plainCoder.decode(plain.bytes, shape, codec))).toBeNull();
}

/** -0 differs from 0, NaN does not from NaN. */
function firstDifference(left: ArrayLike<number>, right: ArrayLike<number>): string | null {
  if (left.length !== right.length) return `lengths ${left.length} and ${right.length}`;
  for (let index = 0; index < left.length; index++)
    if (!Object.is(left[index], right[index])) return `${index}: ${left[index]} and ${right[index]}`;
  return null;
}

describe.each(named)('simdCoder, $name', ({ codec }) => {
  it('does what the plain coder does', () => {
    fc.assert(
      fc.property(activations, (given) => expectSame(given, codec)),
      runs,
    );
  });

  it('does so within calibrated ranges that values leave', () => {
    const bound = fc.float({ min: -300, max: 300, noNaN: true });
    fc.assert(
      fc.property(activations, bound, bound, (given, one, other) => {
        const range = { minimum: Math.min(one, other), maximum: Math.max(one, other) };
        const isPerChannel = codec.kind === 'affine' && codec.perChannel;
        const count = isPerChannel ? (given.values.length === 0 ? 0 : given.shape[1]!) : 1;
        expectSame(
          given,
          codec,
          Array.from({ length: count }, () => range),
        );
      }),
      runs,
    );
  });

  it('does so where one value is not finite, wherever it is', () => {
    const strange = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
    fc.assert(
      fc.property(activations, fc.nat(), strange, ({ shape, values }, at, value) => {
        if (values.length > 0) values[at % values.length] = value;
        expectSame({ shape, values }, codec);
      }),
      runs,
    );
  });

  it.each([
    [[1, 2, 2 ** 16]],
    [[1, 3, 2 ** 16 + 1]],
    [[5, 2, 91, 91]],
    [[1, 700, 16, 6]],
    [[1, 500, 12, 12]],
    [[2, 1000]],
    [[2 ** 16 + 3, 1, 1]],
  ])('does so in blocks: %j', (shape) => {
    expectSame(activation(shape, 'rectified', 7), codec);
  });
});

/** For each tie of the codes of 4 bits, the number nearest to it and two float32 to either side. */
function aroundTies(range: ValueRange): number[] {
  const grid = affineGrid({ minimum: Math.fround(range.minimum), maximum: Math.fround(range.maximum) }, 4)!;
  const ties = Array.from({ length: 16 }, (_, code) => (code - 0.5 - grid.zero) * grid.scale);
  return ties.flatMap((tie) => {
    const singles = Float32Array.from({ length: 5 }, () => tie);
    const bits = new Int32Array(singles.buffer);
    for (let step = -2; step <= 2; step++) bits[step + 2]! += step;
    return [...singles];
  });
}

describe('simdCoder', () => {
  it.each(named.filter(({ codec }) => codec.kind !== 'raw'))(
    'decodes any payload as the plain coder does: $name',
    ({ codec }) => {
      const payloads = fc.tuple(
        fc.integer({ min: 64, max: 400 }),
        fc.uint8Array({ minLength: 800, maxLength: 800 }),
      );
      fc.assert(
        fc.property(payloads, ([elements, noise]) => {
          const shape = [1, 1, elements];
          const { bytes } = plainCoder.encode(
            Float32Array.from({ length: elements }, (_, at) => at - 30),
            shape,
            codec,
          );
          bytes.set(noise.subarray(0, Math.max(0, bytes.length - 16)), 16);
          const plain = plainCoder.decode(bytes, shape, codec);
          expect(firstDifference(simd.decode(bytes, shape, codec), plain)).toBeNull();
        }),
        { seed: 2, numRuns: 100 },
      );
    },
  );

  it('takes the codes of a division where the inverse might round otherwise, and clips what lies far out', () => {
    const bounds = fc.tuple(fc.integer({ min: -120, max: 120 }), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(bounds, ([exponent, below]) => {
        const width = (1 + below) * 2 ** exponent;
        const range = { minimum: -below * width, maximum: (1 - below) * width };
        const far = Math.min(1e5 * width, 1e38);
        const given = [...aroundTies(range), -far, far, -1e38, 1e38];
        const values = Float32Array.from({ length: 96 }, (_, at) => given[at] ?? 0);
        expectSame({ shape: [1, 1, 96], values }, affine[4]!, [range]);
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  it('codes more values than it holds, in pieces', () => {
    const large = activation([1, 2, 2 ** 21 + 5], 'rectified', 3);
    for (const codec of [affine[4]!, affine[5]!, { kind: 'fp16' } as const]) expectSame(large, codec);
  });

  it('gives bytes and values away that later calls leave alone', () => {
    const first = activation([1, 1, 500], 'rectified', 1);
    const { bytes } = simd.encode(first.values, first.shape, affine[4]!);
    const kept = bytes.slice();
    const values = simd.decode(bytes, first.shape, affine[4]!);
    const decoded = values.slice();
    const second = activation([1, 1, 5000], 'negative', 2);
    simd.decode(simd.encode(second.values, second.shape, affine[4]!).bytes, second.shape, affine[4]!);
    expect(bytes).toEqual(kept);
    expect(values).toEqual(decoded);
  });

  it('refuses what the plain coder refuses', () => {
    const { bytes } = simd.encode(new Float32Array(100), [1, 100], affine[0]!);
    expect(() => simd.decode(bytes, [1, 101], affine[0]!)).toThrow('has 100 elements, expected 101');
    expect(() => simd.decode(bytes, [1, 100], { kind: 'fp16' })).toThrow('is affine2, expected fp16');
    expect(() => simd.encode(new Float32Array(3), [2], affine[0]!)).toThrow('has 3 elements, expected 2');
  });
});
