import { describe, expect, it } from 'vitest';
import { SpareBuffers } from './spare-buffers.ts';

const size = 2 ** 20;

describe('SpareBuffers', () => {
  it('hands out what was given, once, to who asks for the same size', () => {
    const spare = new SpareBuffers();
    const given = new Uint8Array(size);
    spare.give(given);
    spare.give(given);
    expect(spare.take(size + 1).buffer).not.toBe(given.buffer);
    expect(spare.take(size).buffer).toBe(given.buffer);
    const fresh = spare.take(size);
    expect(fresh.buffer).not.toBe(given.buffer);
    expect(fresh.length).toBe(size);
  });

  it('hands out whole buffers, even when parts of them were given', () => {
    const spare = new SpareBuffers();
    const given = new Uint8Array(size);
    spare.give(given.subarray(10, 20));
    expect(spare.take(size)).toHaveLength(size);
    expect(spare.take(10)).toHaveLength(10);
  });

  it.each([
    { name: 'a small one', given: new Uint8Array(1000) },
    { name: 'one of more than 32 MiB', given: new Uint8Array(2 ** 25 + 1) },
  ])('does not keep $name', ({ given }) => {
    const spare = new SpareBuffers();
    const { buffer, length } = given;
    spare.give(given);
    expect(spare.take(length).buffer).not.toBe(buffer);
  });

  it('does not keep one that has moved to another thread', () => {
    const spare = new SpareBuffers();
    const given = new Uint8Array(size);
    structuredClone(null, { transfer: [given.buffer] });
    spare.give(given);
    expect(spare.take(size)).toHaveLength(size);
  });

  it('lets the oldest go where it would hold more than 32 MiB', () => {
    const spare = new SpareBuffers();
    const given = Array.from({ length: 34 }, (_, at) => new Uint8Array(size + at));
    for (const one of given) spare.give(one);
    const kept = given.map((one) => spare.take(one.length).buffer === one.buffer);
    expect(kept).toEqual(given.map((_, at) => at >= 34 - 31));
  });
});
