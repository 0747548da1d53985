import { describe, expect, it } from 'vitest';
import { halfToNumber, tensorNumbers } from './tensor-numbers.ts';

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

describe('tensorNumbers', () => {
  it('reads a view that does not start at its buffer', () => {
    const buffer = new Uint8Array([9, 9, 9, 9, 0, 0, 0x80, 0x3f]);
    const tensor = { name: 't', type: 'float32', shape: [1], data: buffer.subarray(4) } as const;
    expect(Array.from(tensorNumbers(tensor))).toEqual([1]);
  });

  it('refuses strings by name', () => {
    const tensor = { name: 'words', type: 'string', shape: [1], data: new Uint8Array(0) } as const;
    expect(() => tensorNumbers(tensor)).toThrow(/"words".*string/);
  });
});
