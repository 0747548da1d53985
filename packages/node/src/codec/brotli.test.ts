import { brotliCompressSync } from 'node:zlib';
import { type Codec, encodedActivationBytes, fastestCoder, withLossless } from '@tandem/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brotli } from './brotli.ts';

const packed = fastestCoder();
const coder = withLossless(packed, brotli);
const codec: Codec = { kind: 'affine', bits: 4, perChannel: false };
const shape = [1, 8, 100];
const sparse = Float32Array.from({ length: 800 }, (_, at) => (at % 9 === 0 ? at : 0));

describe('brotli', () => {
  it('makes packed activations smaller and gives them back', () => {
    const { bytes } = coder.encode(sparse, shape, codec);
    expect(bytes.length).toBeLessThan(encodedActivationBytes(shape, codec) / 2);
    const expected = packed.decode(packed.encode(sparse, shape, codec).bytes, shape, codec);
    expect(coder.decode(bytes, shape, codec)).toEqual(expected);
  });

  it('never makes them larger', () => {
    const lists = fc.array(fc.float({ noNaN: true }), { maxLength: 60 });
    fc.assert(
      fc.property(lists, (list) => {
        const values = Float32Array.from(list);
        const { bytes, rawBecause } = coder.encode(values, [values.length], codec);
        const sent = rawBecause === null ? codec : ({ kind: 'raw' } as const);
        expect(bytes.length).toBeLessThanOrEqual(encodedActivationBytes([values.length], sent));
        const plain = packed.decode(
          packed.encode(values, [values.length], codec).bytes,
          [values.length],
          codec,
        );
        expect(coder.decode(bytes, [values.length], codec)).toEqual(plain);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('keeps why values went raw', () => {
    const strange = sparse.slice().fill(Number.NaN, 3, 4);
    const { bytes, rawBecause } = coder.encode(strange, shape, codec);
    expect(rawBecause).toBe('not finite');
    expect(coder.decode(bytes, shape, codec)).toEqual(strange);
  });

  it.each<[string, Uint8Array]>([
    ['a bomb', brotliCompressSync(new Uint8Array(2 ** 24))],
    ['noise', Uint8Array.from({ length: 50 }, (_, at) => at * 37)],
    ['bytes cut short', coder.encode(sparse, shape, codec).bytes.subarray(1, 40)],
    ['nothing', new Uint8Array(0)],
  ])('refuses %s', (_, compressed) => {
    expect(() => coder.decode(Uint8Array.of(0x80, ...compressed), shape, codec)).toThrow(
      `holds no brotli of up to ${8 + 4 * 800} bytes`,
    );
  });
});
