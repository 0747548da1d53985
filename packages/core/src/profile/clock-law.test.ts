import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitClockLaw, secondsAtShare } from './clock-law.ts';

const part = fc.double({ min: 0, max: 10, noNaN: true });
const law = fc.tuple(part, part).filter(([compute, memory]) => compute + memory > 1e-6);
const shares = fc
  .uniqueArray(fc.integer({ min: 10, max: 99 }), { minLength: 1, maxLength: 6 })
  .map((percents) => [1, ...percents.map((percent) => percent / 100)]);

describe('fitClockLaw', () => {
  it('finds an exact law again, at measured levels and between', () => {
    fc.assert(
      fc.property(
        law,
        shares,
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        ([compute, memory], all, other) => {
          const at = (share: number): number => compute / share + memory;
          const points = all.map((share) => ({ share, seconds: at(share) }));
          const { computeSeconds, memorySeconds } = fitClockLaw(points);
          for (const share of [...all, other]) {
            expect((computeSeconds / share + memorySeconds) / at(share)).toBeCloseTo(1, 6);
            expect(secondsAtShare(points, share).seconds / at(share)).toBeCloseTo(1, 1);
          }
          for (const share of all) expect(secondsAtShare(points, share).source).toBe('measured');
        },
      ),
    );
  });

  it.each([
    ['faster at a slower clock', [2, 1], { computeSeconds: 0, memorySeconds: 1.5 }],
    ['slower than the clock', [1, 4], { computeSeconds: 1.8, memorySeconds: 0 }],
  ])('has no negative part where times are %s', (_, [full = 0, half = 0], expected) => {
    const points = [
      { share: 1, seconds: full },
      { share: 0.5, seconds: half },
    ];
    expect(fitClockLaw(points)).toEqual(expected);
  });
});
