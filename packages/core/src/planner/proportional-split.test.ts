import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomGraph } from '../graph/random-graph.ts';
import { createRandom } from '../random.ts';
import { apportion, proportionalSplit } from './proportional-split.ts';

describe('apportion', () => {
  it.each([
    { total: 7, weights: [1, 1], counts: [4, 3] },
    { total: 10, weights: [3, 1], counts: [8, 2] },
    { total: 10, weights: [0, 1, 1], counts: [0, 5, 5] },
    { total: 2, weights: [1, 1, 1], counts: [1, 1, 0] },
    { total: 5, weights: [0, 0], counts: [3, 2] },
    { total: 0, weights: [2, 1], counts: [0, 0] },
  ])('shares $total by $weights as $counts', ({ total, weights, counts }) => {
    expect(apportion(total, weights)).toEqual(counts);
  });

  it('gives out everything, to each its share within one', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), weights, (total, given) => {
        const counts = apportion(total, given);
        const sum = given.reduce((all, weight) => all + weight, 0);
        expect(counts.reduce((all, count) => all + count, 0)).toBe(total);
        if (sum === 0) return;
        for (const [index, count] of counts.entries())
          expect(Math.abs(count - (total * (given[index] ?? 0)) / sum)).toBeLessThan(1);
      }),
    );
  });
});

describe('proportionalSplit', () => {
  it('places every node once, in consecutive pieces', () => {
    for (let seed = 0; seed < 100; seed++) {
      const graph = randomGraph(createRandom(seed), { nodes: 1 + (seed % 9) });
      const stages = proportionalSplit(graph, [
        { device: 'a', weight: 1 },
        { device: 'b', weight: 2 },
        { device: 'c', weight: 1 },
      ]);
      expect(stages.map(({ device }) => device)).toEqual(['a', 'b', 'c']);
      const placed = stages.flatMap(({ nodes }) => nodes).sort((left, right) => left - right);
      expect(placed).toEqual(graph.nodes.map(({ id }) => id));
    }
  });
});
