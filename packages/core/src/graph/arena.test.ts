import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arenaBytes, mostArenaBytes } from './arena.ts';

const mebibyte = 2 ** 20;
const block = (bytes: number, first: number, last: number) => ({ bytes, first, last });

describe('arenaBytes', () => {
  it.each([
    { what: 'nothing', blocks: [], touched: 0 },
    { what: 'one block of its size', blocks: [block(1000, 0, 1)], touched: 1000 },
    {
      what: 'blocks side by side, at multiples of 256 bytes',
      blocks: [block(1000, 0, 1), block(10, 1, 2)],
      touched: 1024 + 10,
    },
    {
      what: 'a block where one was given back',
      blocks: [block(1000, 0, 1), block(500, 2, 3)],
      touched: 1000,
    },
    {
      what: 'the smallest of the free pieces, which leaves the large one to a large block',
      blocks: [
        block(3000, 0, 1),
        block(100, 0, 9),
        block(1000, 0, 1),
        block(100, 0, 9),
        block(900, 2, 9),
        block(3000, 3, 9),
      ],
      touched: 3072 + 256 + 1024 + 100,
    },
    {
      what: 'what two free neighbours make together',
      blocks: [block(1024, 0, 1), block(1024, 0, 1), block(256, 0, 9), block(2048, 2, 3)],
      touched: 2048 + 256,
    },
    {
      // 3 in a region of 4 MiB; 12 in one of 16, whose rest is less than as much again and stays with them; 5 in another of 16. In the second
      // run 12 take the last region and 5 the one before.
      what: 'a region for what a region of less than twice a block has left',
      blocks: [block(3 * mebibyte, 0, 0), block(12 * mebibyte, 1, 1), block(5 * mebibyte, 1, 1)],
      touched: (3 + 12 + 12) * mebibyte,
    },
    {
      // Two regions of 16 MiB. First run: 12 in each, then 7 and 7 in the first. Second run: the 7 lie in the other region, at lower addresses.
      what: 'in the second run what the first has left alone',
      blocks: [
        block(12 * mebibyte, 0, 1),
        block(12 * mebibyte, 1, 2),
        block(7 * mebibyte, 2, 4),
        block(7 * mebibyte, 3, 4),
      ],
      touched: 2 * 14 * mebibyte,
    },
  ])('touches $what', ({ blocks, touched }) => {
    expect(arenaBytes(blocks)).toBe(touched);
  });

  it('is never below what is held at one time, nor above all blocks anew in each run', () => {
    const blocks = fc.array(
      fc.record({
        bytes: fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 40 * mebibyte })),
        gap: fc.integer({ min: 0, max: 2 }),
        length: fc.integer({ min: 0, max: 6 }),
      }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(blocks, (rows) => {
        let at = 0;
        const timed = rows.map(({ bytes, gap, length }) => block(bytes, (at += gap), at + length));
        const touched = arenaBytes(timed);
        for (let time = 0; time <= at; time++) {
          const held = timed.filter(({ first, last }) => first <= time && last >= time);
          expect(touched).toBeGreaterThanOrEqual(held.reduce((sum, { bytes }) => sum + bytes, 0));
        }
        expect(touched).toBeLessThanOrEqual(mostArenaBytes(timed.map(({ bytes }) => bytes)));
      }),
      { seed: 31, numRuns: 200 },
    );
  });
});
