import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fallingExponential } from './falling-exponential.ts';

describe('fallingExponential', () => {
  it('is e^−x to eleven digits', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 700, noNaN: true }), (x) => {
        expect(Math.abs(fallingExponential(x) / Math.exp(-x) - 1)).toBeLessThan(1e-11);
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it.each([0, -0, -1e-7, 1 / 64, 63.999999, 64, 745, 1e4, Number.POSITIVE_INFINITY])(
    'is right at %d',
    (x) => {
      expect(fallingExponential(x)).toBeCloseTo(Math.exp(-x), 12);
    },
  );

  it('is not a number where the argument is none', () => {
    expect(fallingExponential(Number.NaN)).toBeNaN();
  });
});
