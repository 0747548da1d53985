import { describe, expect, it } from 'vitest';
import { tensorNumbers } from './tensor-numbers.ts';

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
