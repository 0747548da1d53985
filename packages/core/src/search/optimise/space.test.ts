import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../random.ts';
import { type Dimension, lastStep, shareOfValue, snap, uniformPoint, valueAt } from './space.ts';

const dimensions: fc.Arbitrary<Dimension> = fc.oneof(
  fc.record({ kind: fc.constant('choice' as const), count: fc.integer({ min: 1, max: 9 }) }),
  fc
    .tuple(fc.constantFrom(-3, 0, 0.1, 5), fc.constantFrom(0, 0.7, 4))
    .map(([low, width]) => ({ kind: 'range', low, high: low + width }) as const),
  fc
    .tuple(fc.constantFrom(-3, 0, 0.1, 5), fc.constantFrom(0, 0.7, 4), fc.constantFrom(0.1, 0.3, 5))
    .map(([low, width, step]) => ({ kind: 'range', low, high: low + width, step }) as const),
);

const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('a dimension', () => {
  it('gives values that it permits, at any share', () => {
    fc.assert(
      fc.property(dimensions, share, (dimension, at) => {
        const value = valueAt(dimension, at);
        expect(snap(dimension, value)).toBe(value);
      }),
    );
  });

  it('finds a value again at its share', () => {
    fc.assert(
      fc.property(dimensions, share, (dimension, at) => {
        const value = valueAt(dimension, at);
        expect(valueAt(dimension, shareOfValue(dimension, value))).toBeCloseTo(value, 12);
      }),
    );
  });

  it.each<{ dimension: Dimension; value: number; nearest: number }>([
    { dimension: { kind: 'range', low: 0, high: 1 }, value: 7, nearest: 1 },
    { dimension: { kind: 'range', low: 0, high: 1, step: 0.4 }, value: 0.99, nearest: 0.8 },
    { dimension: { kind: 'range', low: 1, high: 2, step: 0.5 }, value: 1.3, nearest: 1.5 },
    { dimension: { kind: 'choice', count: 3 }, value: 4, nearest: 2 },
    { dimension: { kind: 'choice', count: 3 }, value: -1, nearest: 0 },
  ])('moves $value to $nearest', ({ dimension, value, nearest }) => {
    expect(snap(dimension, value)).toBe(nearest);
  });

  it('counts its steps although a tenth is not exact', () => {
    expect(lastStep(0.5, 1, 0.1)).toBe(5);
    expect(lastStep(0, 0.3, 0.1)).toBe(3);
  });

  it('draws every value of a grid equally often', () => {
    const random = createRandom(4);
    const counts = [0, 0, 0];
    for (let draw = 0; draw < 3000; draw++) {
      const [value = 0] = uniformPoint([{ kind: 'range', low: 0, high: 2, step: 1 }], random);
      counts[value] = (counts[value] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(100);
  });
});
