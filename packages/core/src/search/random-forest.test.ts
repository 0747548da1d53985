import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { fitRandomForest, forestValue } from './random-forest.ts';

const rows = Array.from({ length: 40 }, (_, index) => [index, index % 3]);
const targets = rows.map(([x = 0]) => (x < 20 ? 1 : 5));

describe('fitRandomForest', () => {
  it('stays within the targets and finds the step between them', () => {
    const forest = fitRandomForest({ rows, targets }, { trees: 30 }, createRandom(2));
    for (const row of [...rows, [-1000, 0], [1000, 9]]) {
      expect(forestValue(forest, row)).toBeGreaterThanOrEqual(1);
      expect(forestValue(forest, row)).toBeLessThanOrEqual(5);
    }
    expect(forestValue(forest, [5, 0])).toBeLessThan(1.5);
    expect(forestValue(forest, [35, 0])).toBeGreaterThan(4.5);
  });

  it('gives the same forest for the same seed and another for another', () => {
    const grow = (seed: number) =>
      fitRandomForest({ rows, targets }, { trees: 5, depth: 3 }, createRandom(seed));
    expect(JSON.parse(JSON.stringify(grow(1)))).toEqual(grow(1));
    expect(grow(1)).not.toEqual(grow(2));
  });

  it('answers a constant target exactly', () => {
    const forest = fitRandomForest({ rows: [[1], [2]], targets: [0.1, 0.1] }, {}, createRandom(1));
    expect(forestValue(forest, [7])).toBe(0.1);
  });
});
