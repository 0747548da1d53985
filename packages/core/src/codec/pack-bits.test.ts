import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packBits, unpackBits } from './pack-bits.ts';

describe('packBits', () => {
  it.each<[bits: number, codes: number[], packed: number[]]>([
    [8, [1, 255], [1, 255]],
    [4, [1, 15, 7], [0xf1, 7]],
    [3, [0b101, 0b011, 0b110], [0b10011101, 0b1]],
    [2, [0, 1, 2, 3, 3], [0b11100100, 3]],
    [7, [127, 1], [0xff, 0]],
    [5, [], []],
  ])('puts the first of %i-bit codes into the lowest bits', (bits, codes, packed) => {
    const bytes = new Uint8Array(packed.length);
    packBits(Uint8Array.from(codes), bits, bytes);
    expect([...bytes]).toEqual(packed);
  });

  it('is undone by unpackBits, at every width and length', () => {
    const codes = fc.integer({ min: 1, max: 8 }).chain((bits) =>
      fc.record({
        bits: fc.constant(bits),
        codes: fc.uint8Array({ max: 2 ** bits - 1, maxLength: 40 }),
      }),
    );
    fc.assert(
      fc.property(codes, ({ bits, codes: original }) => {
        const packed = new Uint8Array(Math.ceil((original.length * bits) / 8));
        packBits(original, bits, packed);
        const unpacked = new Uint8Array(original.length);
        unpackBits(packed, bits, unpacked);
        expect(unpacked).toEqual(original);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
