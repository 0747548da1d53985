import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitsPerSecond, seconds } from '../units.ts';
import { carriedBytes } from './carried-bytes.ts';
import type { Rate } from './rate.ts';
import { transferSeconds } from './transfer-seconds.ts';

const trace = (loop: boolean): Rate => ({
  kind: 'trace',
  loop,
  points: [
    [0, 8],
    [2, 0],
    [3, 16],
  ].map(([at = 0, rate = 0]) => ({ seconds: seconds(at), bitsPerSecond: bitsPerSecond(rate) })),
});

describe('carriedBytes', () => {
  it.each([
    ['one rate', trace(false), 0.5, 1.5, 1],
    ['over an outage', trace(false), 1, 4, 3],
    ['beyond the end of a trace', trace(false), 3, 10, 14],
    ['over laps of 4 s', trace(true), 3, 9, 7],
    ['backwards', trace(true), 3, 2, 0],
  ])('%s', (_name, rate, from, until, expected) => {
    expect(carriedBytes({ rate }, from, until)).toBe(expected);
  });

  it('is what transferSeconds takes its time for', () => {
    const times = fc.double({ min: 0, max: 50, noNaN: true });
    fc.assert(
      fc.property(fc.boolean(), times, times, (loop, start, size) => {
        const link = { rate: trace(loop) };
        const taken = transferSeconds(link, size, start);
        expect(carriedBytes(link, start, start + taken)).toBeCloseTo(size, 9);
      }),
    );
  });
});
