import { graphOf, zooModel } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { stagesByWork } from './stages-by-work.ts';

const graph = graphOf(zooModel('cifar-resnet-8'), { batch: 1 });

describe('stages by work', () => {
  it.each([1, 2, 3, 4])('cover every node once in %d stages, in the order of the model', (count) => {
    const stages = stagesByWork(
      graph,
      Array.from({ length: count }, (_, at) => ({ host: `h${at}`, work: 1 })),
    );
    expect(stages.map(({ device }) => device)).toEqual(Array.from({ length: count }, (_, at) => `h${at}`));
    expect(stages.flatMap(({ nodes }) => nodes).toSorted((left, right) => left - right)).toEqual(
      graph.nodes.map(({ id }) => id),
    );
    for (const { nodes } of stages) expect(nodes.length).toBeGreaterThan(0);
  });

  it('gives a larger share more work', () => {
    const [head, tail] = stagesByWork(graph, [
      { host: 'a', work: 0.8 },
      { host: 'b', work: 0.2 },
    ]);
    const flops = (nodes: readonly number[] = []): number =>
      nodes.reduce((sum, id) => sum + (graph.nodes[id]?.flops ?? 0), 0);
    expect(flops(head?.nodes)).toBeGreaterThan(2 * flops(tail?.nodes));
  });
});
