import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodedActivationBytes } from './activation-layout.ts';
import { affineGrid } from './affine-grid.ts';
import { type AffineBits, type Codec, codecName } from './codec.ts';
import { decodeActivation } from './decode-activation.ts';
import { encodeActivation } from './encode-activation.ts';

const widths: readonly AffineBits[] = [2, 3, 4, 5, 6, 7, 8];
const affine = (bits: AffineBits, perChannel = false): Codec => ({ kind: 'affine', bits, perChannel });
const codecs: readonly Codec[] = [
  { kind: 'raw' },
  { kind: 'fp16' },
  { kind: 'bf16' },
  ...widths.flatMap((bits) => [affine(bits), affine(bits, true)]),
];

const single = fc.float({ noNaN: true, noDefaultInfinity: true, min: -60000, max: 60000 });
const shaped = fc.tuple(fc.nat(2), fc.nat(4), fc.nat(5)).chain(([batch, channels, run]) =>
  fc.record({
    shape: fc.constant([batch, channels, run]),
    values: fc
      .array(single, { minLength: batch * channels * run, maxLength: batch * channels * run })
      .map((list) => Float32Array.from(list)),
  }),
);
const runs = { seed: 1, numRuns: 300 };

/** Decodes what encoding gave. */
function passed(values: Float32Array, shape: readonly number[], codec: Codec): Float32Array {
  return decodeActivation(encodeActivation(values, shape, codec).bytes, shape);
}

describe('encodeActivation', () => {
  it.each<{ what: string; values: number[]; codec: Codec; bytes: number[] }>([
    { what: 'raw', values: [1], codec: { kind: 'raw' }, bytes: [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 128, 63] },
    { what: 'fp16', values: [1], codec: { kind: 'fp16' }, bytes: [2, 0, 0, 0, 1, 0, 0, 0, 0, 60] },
    { what: 'bf16', values: [1], codec: { kind: 'bf16' }, bytes: [3, 0, 0, 0, 1, 0, 0, 0, 128, 63] },
    {
      // scale (2 + 1) / 3 = 1, zero 1: codes 0, 1, 3
      what: 'affine 2 bits',
      values: [-1, 0, 2],
      codec: affine(2),
      bytes: [1, 2, 0, 0, 3, 0, 0, 0, 0, 0, 128, 191, 0, 0, 0, 64, 0b110100],
    },
  ])('writes $what as described', ({ values, codec, bytes }) => {
    const encoded = encodeActivation(Float32Array.from(values), [1, values.length], codec);
    expect(encoded.rawBecause).toBeNull();
    expect([...encoded.bytes]).toEqual(bytes);
  });

  it.each<[name: string, values: number[], bits: AffineBits, decoded: number[]]>([
    ['a constant survives', [5, 5], 2, [5, 5]],
    ['a negative constant survives', [-5, -5], 8, [-5, -5]],
    ['zeros stay', [0, 0], 4, [0, 0]],
    ['ties go to even', [0.5, 1.5, 2.5, 3, 0], 2, [0, 2, 2, 3, 0]],
    ['a range too narrow for float32 counts as 0', [1e-40, -1e-40], 8, [0, 0]],
  ])('%s', (_, values, bits, decoded) => {
    expect([...passed(Float32Array.from(values), [values.length], affine(bits))]).toEqual(decoded);
  });

  it.each<[string, number[], Codec, string]>([
    ['NaN', [1, Number.NaN], affine(8), 'not finite'],
    ['infinity', [1, Number.NEGATIVE_INFINITY], affine(4, true), 'not finite'],
    ['infinity at 16 bits', [1, Number.POSITIVE_INFINITY], { kind: 'fp16' }, 'not finite'],
    ['what fp16 would make infinite', [1, -65520], { kind: 'fp16' }, 'too large'],
    ['what bf16 would make infinite', [3.4e38, 0], { kind: 'bf16' }, 'too large'],
    ['a range wider than float32', [3e38, -3e38], affine(8), 'too large'],
  ])('sends %s raw and says so', (_, list, codec, reason) => {
    const values = Float32Array.from(list);
    const { bytes, rawBecause } = encodeActivation(values, [1, 2], codec);
    expect(rawBecause).toBe(reason);
    expect(decodeActivation(bytes, [1, 2])).toEqual(values);
  });

  it('keeps the largest numbers of 16 bits', () => {
    const largest = { fp16: 65519, bf16: 3.39e38 };
    for (const kind of ['fp16', 'bf16'] as const) {
      const { rawBecause } = encodeActivation(Float32Array.of(largest[kind]), [1], { kind });
      expect(rawBecause).toBeNull();
      expect(passed(Float32Array.of(largest[kind]), [1], { kind })[0]).toBeLessThan(Number.POSITIVE_INFINITY);
    }
  });

  it('has a range a channel, so that a wide channel costs its neighbours nothing', () => {
    const values = Float32Array.of(0, 3, 0, 300, 1, 2, 100, 200);
    expect([...passed(values, [2, 2, 2], affine(2, true))]).toEqual([...values]);
  });

  it('clips to ranges that it is given, and widens them to 0', () => {
    const ranges = [{ minimum: 1, maximum: 3 }];
    const { bytes } = encodeActivation(Float32Array.of(-1, 2, 9), [3], affine(2), { ranges });
    expect([...decodeActivation(bytes, [3])]).toEqual([0, 2, 3]);
  });

  it('writes into what it is given where that is long enough', () => {
    const into = new Uint8Array(40).fill(165);
    const values = Float32Array.of(-1, 0, 2);
    for (const codec of codecs) {
      const { bytes } = encodeActivation(values, [1, 3, 1], codec);
      const again = encodeActivation(values, [1, 3, 1], codec, { into: into.subarray(3) });
      expect(again.bytes).toEqual(bytes);
      expect(again.bytes.buffer === into.buffer).toBe(bytes.length <= 37);
      const room = new Float32Array(5).fill(-7);
      const decoded = decodeActivation(bytes, [1, 3, 1], codec, { into: room });
      expect(decoded).toEqual(decodeActivation(bytes, [1, 3, 1], codec));
      expect(decoded.buffer).toBe(room.buffer);
      expect(decodeActivation(bytes, [1, 3, 1], codec, { into: room.subarray(3) }).buffer).not.toBe(
        room.buffer,
      );
    }
  });

  it.each<[string, () => unknown, string]>([
    [
      'a shape of other values',
      () => encodeActivation(new Float32Array(3), [2], affine(8)),
      'has 3 elements, expected 2',
    ],
    [
      'channels that are not there',
      () => encodeActivation(new Float32Array(3), [3], affine(8, true)),
      'no channels',
    ],
    [
      'too few ranges',
      () =>
        encodeActivation(new Float32Array(2), [1, 2], affine(8, true), {
          ranges: [{ minimum: 0, maximum: 1 }],
        }),
      'is given 1 ranges, expected 2 finite ones',
    ],
    [
      'a range upside down',
      () => encodeActivation(new Float32Array(2), [2], affine(8), { ranges: [{ minimum: 2, maximum: 1 }] }),
      'one from 2 to 1',
    ],
    ['4 G elements', () => encodedActivationBytes([2 ** 16, 2 ** 16], affine(2)), 'fewer than 2^32'],
  ])('refuses %s', (_, act, message) => {
    expect(act).toThrow(message);
  });
});

describe.each(codecs.map((codec) => ({ name: codecName(codec), codec })))('$name', ({ codec }) => {
  it('takes exactly the bytes that a planner counts with', () => {
    fc.assert(
      fc.property(shaped, ({ shape, values }) => {
        const { bytes } = encodeActivation(values, shape, codec);
        expect(bytes).toHaveLength(encodedActivationBytes(shape, codec));
        const ranges = codec.kind !== 'affine' ? 0 : codec.perChannel ? values.length && shape[1]! : 1;
        const bits = { raw: 32, fp16: 16, bf16: 16, affine: codec.kind === 'affine' ? codec.bits : 0 }[
          codec.kind
        ];
        expect(bytes).toHaveLength(8 + 8 * ranges + Math.ceil((values.length * bits) / 8));
      }),
      runs,
    );
  });

  it('keeps zeros and order', () => {
    fc.assert(
      fc.property(fc.array(single, { minLength: 1, maxLength: 30 }), (list) => {
        const values = Float32Array.from([...list, 0]).sort();
        const decoded = passed(values, [1, 1, values.length], codec);
        expect(Math.abs(decoded[values.indexOf(0)]!)).toBe(0);
        for (let index = 1; index < decoded.length; index++)
          expect(decoded[index]!).toBeGreaterThanOrEqual(decoded[index - 1]!);
      }),
      runs,
    );
  });

  it('never crashes or takes more than it may on bytes cut short or garbled', () => {
    const damage = fc.record({
      cut: fc.nat(40),
      edits: fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(shaped, damage, ({ shape, values }, { cut, edits }) => {
        const { bytes } = encodeActivation(values, shape, codec);
        const damaged = bytes.slice(0, Math.max(0, bytes.length - cut));
        for (const [at, value] of edits) if (at < damaged.length) damaged[at] = value;
        try {
          expect(decodeActivation(damaged, shape)).toHaveLength(values.length);
        } catch (error) {
          expect(error).toMatchObject({ name: 'ProtocolError' });
        }
        if (cut > 0 && edits.length === 0) expect(() => decodeActivation(damaged, shape)).toThrow('expected');
      }),
      runs,
    );
  });
});

describe('decodeActivation', () => {
  it('refuses another shape, a longer message and a range that is none', () => {
    const { bytes } = encodeActivation(Float32Array.of(1, 2), [1, 2], affine(8));
    expect(() => decodeActivation(bytes, [1, 3])).toThrow('has 2 elements, expected 3');
    expect(() => decodeActivation(Uint8Array.of(...bytes, 0), [1, 2])).toThrow('has 19 bytes, expected 18');
    const ranged = bytes.slice();
    new DataView(ranged.buffer).setFloat32(8, 1, true);
    expect(() => decodeActivation(ranged, [1, 2])).toThrow('has a range from 1 to 2');
    const { bytes: channels } = encodeActivation(Float32Array.of(1), [1, 1], affine(8, true));
    expect(() => decodeActivation(channels, [1])).toThrow('has a range a channel');
    expect(() => decodeActivation(bytes, [1, 2], affine(4))).toThrow('is affine8, expected affine4');
  });

  it('takes what went raw in place of the codec that was expected', () => {
    const { bytes } = encodeActivation(Float32Array.of(1, Number.NaN), [1, 2], affine(8));
    expect([...decodeActivation(bytes, [1, 2], affine(8))]).toEqual([1, Number.NaN]);
    const { bytes: raw } = encodeActivation(Float32Array.of(1), [1, 1], { kind: 'raw' });
    expect(() => decodeActivation(raw, [1, 1], affine(8))).toThrow('is raw, expected affine8');
  });

  it('reads bytes that do not start at their buffer', () => {
    for (const codec of codecs) {
      const { bytes } = encodeActivation(Float32Array.of(1, 0), [1, 2], codec);
      const shifted = new Uint8Array(bytes.length + 1);
      shifted.set(bytes, 1);
      expect([...decodeActivation(shifted.subarray(1), [1, 2])]).toEqual([1, 0]);
    }
  });

  it.each(widths)('is within half a step of the original at %i bits', (bits) => {
    fc.assert(
      fc.property(shaped, ({ shape, values }) => {
        const decoded = passed(values, shape, affine(bits));
        const minimum = Math.min(0, ...values);
        const scale = affineGrid({ minimum, maximum: Math.max(0, ...values) }, bits)!.scale;
        // A division, a product and the step itself each err by up to 2^-24 of at most 255 steps.
        const most = scale * (0.5 + 3 * 256 * 2 ** -24);
        for (const [index, value] of values.entries())
          expect(Math.abs(value - decoded[index]!)).toBeLessThanOrEqual(most);
      }),
      runs,
    );
  });

  it.each(widths)('gives values that encode to the same codes at %i bits', (bits) => {
    fc.assert(
      fc.property(shaped, ({ shape, values }) => {
        const ranges = [{ minimum: Math.min(0, ...values), maximum: Math.max(0, ...values) }];
        const first = encodeActivation(values, shape, affine(bits), { ranges });
        const again = encodeActivation(decodeActivation(first.bytes, shape), shape, affine(bits), { ranges });
        expect(again.bytes).toEqual(first.bytes);
      }),
      runs,
    );
  });

  it.each(['fp16', 'bf16'] as const)('gives back every finite %s as it was', (kind) => {
    const bits = Uint16Array.from({ length: 2 ** 16 }, (_, index) => index);
    const exponent = kind === 'fp16' ? 0x7c00 : 0x7f80;
    const finite = bits.filter((each) => (each & exponent) !== exponent);
    const empty = encodeActivation(new Float32Array(finite.length), [finite.length], { kind }).bytes;
    empty.set(new Uint8Array(finite.buffer), 8);
    const values = decodeActivation(empty, [finite.length]);
    expect(new Set(values).size).toBe(finite.length - 1);
    expect(encodeActivation(values, [finite.length], { kind }).bytes).toEqual(empty);
  });

  it('rounds to bfloat16 as to the nearest, ties to even', () => {
    const step = 2 ** -7;
    const values = [1 + step / 2, 1 + 1.5 * step, 1 + 0.51 * step, -1 - step / 2, 2 ** -140];
    const decoded = passed(Float32Array.from(values), [values.length], { kind: 'bf16' });
    expect([...decoded]).toEqual([1, 1 + 2 * step, 1 + step, -1, 0]);
  });
});
