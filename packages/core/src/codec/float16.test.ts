import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halfToNumber, toFloat16 } from './float16.ts';

describe('toFloat16', () => {
  it.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65519, 0x7bff],
    [65520, 0x7c00],
    [1e9, 0x7c00],
    [Number.POSITIVE_INFINITY, 0x7c00],
    [Number.NEGATIVE_INFINITY, 0xfc00],
    [Number.NaN, 0x7e00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [1.5 * 2 ** -25, 0x0001],
    [2 ** -40, 0x0000],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [2047.9999, 0x6800],
  ])('rounds %d to 0x%s', (value, bits) => {
    expect(toFloat16(value)).toBe(bits);
  });

  it('gives back every half that is a number', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = halfToNumber(bits);
      if (!Number.isNaN(value)) expect(toFloat16(value)).toBe(bits);
    }
  });

  it('finds no half nearer than its own', () => {
    const single = fc.float({ noNaN: true, min: -70000, max: 70000 });
    fc.assert(
      fc.property(single, (value) => {
        const bits = toFloat16(value);
        const isInfinite = (bits & 0x7fff) === 0x7c00;
        expect(isInfinite).toBe(Math.abs(value) >= 65520);
        if (isInfinite) return;
        const error = Math.abs(halfToNumber(bits) - value);
        for (const near of [bits - 1, bits + 1].filter((other) => (other & 0x7fff) < 0x7c00)) {
          expect(error).toBeLessThanOrEqual(Math.abs(halfToNumber(near & 0xffff) - value));
        }
      }),
      { seed: 4, numRuns: 1000 },
    );
  });
});

describe('halfToNumber', () => {
  it.each([
    [0x0000, 0],
    [0x8000, -0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x0001, 2 ** -24],
    [0x0400, 2 ** -14],
    [0x7c00, Number.POSITIVE_INFINITY],
    [0x7e00, Number.NaN],
  ])('%i is %f', (bits, value) => {
    expect(halfToNumber(bits)).toBe(value);
  });
});
