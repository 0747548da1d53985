import { createRandom, evaluate, graphOf, planOf, problemOf, rateAt, zooModel } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { randomFleet } from './fleets.ts';

const graph = graphOf(zooModel('mobilenet-v2', { batch: 1 }));
const fleets = Array.from({ length: 60 }, (_, seed) => randomFleet(createRandom(seed), graph));

describe('randomFleet', () => {
  it('is the same for the same seed', () => {
    expect(randomFleet(createRandom(3), graph)).toEqual(fleets[3]);
  });

  it('has 2 to 8 unequal devices, all linked at rates of the stated range', () => {
    const sizes = new Set(fleets.map(({ cluster }) => cluster.devices.length));
    expect([...sizes].sort((left, right) => left - right)).toEqual([2, 3, 4, 5, 6, 7, 8]);
    for (const { cluster } of fleets) {
      const count = cluster.devices.length;
      expect(cluster.links).toHaveLength(count * (count - 1));
      expect(new Set(cluster.devices.map(({ flopsPerSecond }) => flopsPerSecond)).size).toBe(count);
      for (const link of cluster.links) {
        expect(rateAt(link, 0)).toBeGreaterThanOrEqual(5e6);
        expect(rateAt(link, 0)).toBeLessThan(1000e6);
      }
    }
  });

  it('has memory that some whole models do not fit, in tight fleets only', () => {
    const nodes = graph.nodes.map(({ id }) => id);
    const tooSmall = fleets.map(({ cluster }) => {
      const problem = problemOf(graph, cluster);
      return cluster.devices.filter(({ id }) => {
        const report = evaluate(problem, planOf(problem, '', [{ device: id, nodes }], 'test'));
        return report.violations.length > 0;
      }).length;
    });
    for (const [at, { isTight }] of fleets.entries()) if (!isTight) expect(tooSmall[at]).toBe(0);
    expect(tooSmall.filter((count) => count > 0).length).toBeGreaterThan(15);
    expect(fleets.filter(({ isTight }) => isTight).length).toBeLessThan(45);
  });
});
