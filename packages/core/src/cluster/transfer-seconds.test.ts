import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitsPerSecond, hertz, seconds } from '../units.ts';
import type { Rate } from './rate.ts';
import { rateAt } from './rate-at.ts';
import { transferSeconds } from './transfer-seconds.ts';

function trace(loop: boolean, ...points: readonly (readonly [number, number])[]): { rate: Rate } {
  const rows = points.map(([time, rate]) => ({ seconds: seconds(time), bitsPerSecond: bitsPerSecond(rate) }));
  return { rate: { kind: 'trace', loop, points: rows } };
}

const constant = (rate: number): { rate: Rate } => ({
  rate: { kind: 'constant', bitsPerSecond: bitsPerSecond(rate) },
});
const shannon: { rate: Rate } = {
  rate: { kind: 'shannon', bandwidthHertz: hertz(1e6), snrDecibels: 10 * Math.log10(3) },
};
const steps = [
  [0, 80],
  [2, 0],
  [3, 16],
] as const;

describe('rateAt', () => {
  it.each([
    ['constant, at any time', constant(7), 100, 7],
    ['the first step', trace(false, ...steps), 1.9, 80],
    ['the start of a step', trace(false, ...steps), 2, 0],
    ['after the end, where the last rate stays', trace(false, ...steps), 50, 16],
    ['the second lap, which starts at 4 s', trace(true, ...steps), 4, 80],
    ['far on', trace(true, ...steps), 4e6 + 3.5, 16],
    ['a point alone', trace(true, [0, 5]), 12.5, 5],
  ])('%s', (_what, link, time, expected) => {
    expect(rateAt(link, time)).toBe(expected);
  });

  it('is B log2(1 + SNR) for a noisy channel: 2 bit/s/Hz at an SNR of 3', () => {
    expect(rateAt(shannon, 0)).toBeCloseTo(2e6, 6);
  });
});

describe('transferSeconds', () => {
  it.each([
    ['nothing', constant(0), 0, 0, 0],
    ['a constant rate', constant(80), 20, 5, 2],
    ['a rate of 0', constant(0), 1, 0, Number.POSITIVE_INFINITY],
    ['within one step', trace(false, ...steps), 10, 0.5, 1],
    ['up to the end of a step', trace(false, ...steps), 20, 0, 2],
    ['over a gap', trace(false, ...steps), 21, 0, 3.5],
    ['after the end', trace(false, ...steps), 4, 100, 2],
    ['a trace that ends at 0', trace(false, [0, 8], [1, 0]), 2, 0, Number.POSITIVE_INFINITY],
    ['into the second lap', trace(true, ...steps), 12, 3, 2],
    ['whole laps of 22 bytes each', trace(true, ...steps), 220, 0, 40],
    ['many laps and a bit', trace(true, ...steps), 22e6 + 10, 0, 4e6 + 1],
    ['a loop of nothing', trace(true, [0, 0], [1, 0]), 1, 0, Number.POSITIVE_INFINITY],
  ])('%s', (_what, link, bytes, start, expected) => {
    expect(transferSeconds(link, bytes, start)).toBeCloseTo(expected, 9);
  });

  const anyTrace = fc
    .tuple(
      fc.boolean(),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 64 })), {
        minLength: 1,
        maxLength: 6,
      }),
    )
    .map(([loop, gaps]) => {
      let time = 0;
      return trace(
        loop,
        ...gaps.map(([gap, rate], index) => [index === 0 ? 0 : (time += gap), rate] as const),
      );
    });

  it('sends two parts one after the other in the time of the whole', () => {
    fc.assert(
      fc.property(
        anyTrace,
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 0, max: 60 }),
        (link, first, second, start) => {
          const one = transferSeconds(link, first, start);
          fc.pre(Number.isFinite(one));
          const both = one + transferSeconds(link, second, start + one);
          const whole = transferSeconds(link, first + second, start);
          if (Number.isFinite(whole)) expect(both).toBeCloseTo(whole, 6);
          else expect(both).toBe(whole);
        },
      ),
      { numRuns: 300, seed: 41 },
    );
  });

  it('takes as long over a trace of equal steps as over a constant link', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.integer({ min: 1, max: 900 }),
        fc.integer({ min: 0, max: 99 }),
        (loop, bytes, start) => {
          const flat = trace(loop, [0, 24], [2, 24], [5, 24]);
          expect(transferSeconds(flat, bytes, start)).toBeCloseTo(
            transferSeconds(constant(24), bytes, start),
            9,
          );
        },
      ),
      { numRuns: 100, seed: 42 },
    );
  });
});
