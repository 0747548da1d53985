import { expect, it } from 'vitest';
import { comparedAlone } from './compared-alone.ts';

const features = Float32Array.of(1, 0, 1, 0.1, 0, 1, 0.1, 1, 1, 1);
const labels = [3, 3, 8, 8, 5];

it('compares a sample with the means of the others', () => {
  const { samples, centres, usable } = comparedAlone({ features, channels: 2, labels }, 1);
  expect(usable).toBe(3);
  expect(centres.map(({ label, count }) => [label, count])).toEqual([
    [3, 2],
    [5, 1],
    [8, 2],
  ]);
  expect(samples.map(({ exitLabel }) => exitLabel)).toEqual([3, 3, 8, 8, 3]);
  // (1, 0) beside (1, 0.1), the other one of its label.
  expect(samples[0]?.similarity).toBeCloseTo(1 / Math.hypot(1, 0.1), 5);
});

it('has nothing to compare with where labels have too few samples', () => {
  const { samples, usable } = comparedAlone({ features, channels: 2, labels }, 3);
  expect(usable).toBe(0);
  expect(samples.every(({ separability, exitLabel }) => separability === 0 && exitLabel === -1)).toBe(true);
  expect(comparedAlone({ features: new Float32Array(0), channels: 2, labels: [] }, 1).samples).toEqual([]);
});
