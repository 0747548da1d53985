import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { normalBelow, normalBetween, standardNormal } from './normal-distribution.ts';

describe('the normal distribution', () => {
  it.each([
    { z: 0, below: 0.5 },
    { z: 1, below: 0.841344746 },
    { z: -1.96, below: 0.024997895 },
    { z: -5, below: 2.866515719e-7 },
    { z: 3, below: 0.998650102 },
    { z: Number.POSITIVE_INFINITY, below: 1 },
    { z: Number.NEGATIVE_INFINITY, below: 0 },
  ])('has $below below $z', ({ z, below }) => {
    expect(Math.abs(normalBelow(z) - below)).toBeLessThanOrEqual(2e-7 * below);
  });

  it('keeps its accuracy between two values far out on either side', () => {
    const expected = 2.866515719e-7 - 9.865876e-10;
    for (const mass of [normalBetween(5, 6), normalBetween(-6, -5)])
      expect(Math.abs(mass / expected - 1)).toBeLessThan(1e-6);
  });

  it('is drawn with its mean, variance and tails', () => {
    const random = createRandom(3);
    const draws = Array.from({ length: 20_000 }, () => standardNormal(random));
    const share = (test: (z: number) => boolean): number => draws.filter(test).length / draws.length;
    expect(Math.abs(share((z) => z < -1) - normalBelow(-1))).toBeLessThan(0.01);
    expect(Math.abs(share((z) => z < 0.5) - normalBelow(0.5))).toBeLessThan(0.01);
    expect(Math.abs(share((z) => z > 2) - normalBelow(-2))).toBeLessThan(0.005);
  });
});
