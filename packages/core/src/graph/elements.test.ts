import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { zooModel } from '../zoo/zoo.ts';
import { type Element, elements, flattenElements } from './elements.ts';
import { graphOf } from './graph-of.ts';
import { randomGraph } from './random-graph.ts';
import { singleTensorCuts } from './single-tensor-cuts.ts';

const shapes = fc.record({ seed: fc.integer(), nodes: fc.integer({ min: 1, max: 40 }) });

describe('elements', () => {
  it.each(['chain', 'series-parallel', 'general'] as const)('%s: hold every node once', (kind) => {
    fc.assert(
      fc.property(shapes, ({ seed, nodes }) => {
        const graph = randomGraph(createRandom(seed), { kind, nodes, folded: 0.2 });
        const list = elements(graph);
        const all = graph.nodes.map(({ id }) => id);
        expect(flattenElements(list)).toEqual(all);
        expect(list.flatMap((element) => element.nodes).sort((left, right) => left - right)).toEqual(all);
      }),
      { seed: 31, numRuns: 200 },
    );
  });

  it('are divided by the single-tensor cuts', () => {
    fc.assert(
      fc.property(shapes, ({ seed, nodes }) => {
        const graph = randomGraph(createRandom(seed), { nodes });
        const exits = elements(graph).map(({ exit }) => exit);
        expect(exits.slice(0, -1)).toEqual(singleTensorCuts(graph).map(({ boundary }) => boundary[0]));
      }),
      { seed: 32, numRuns: 200 },
    );
  });

  it('find every branch of a series-parallel graph', () => {
    fc.assert(
      fc.property(shapes, ({ seed, nodes }) => {
        const graph = randomGraph(createRandom(seed), { kind: 'series-parallel', nodes });
        expect(elements(graph).filter(isOpaqueWithin)).toEqual([]);
      }),
      { seed: 33, numRuns: 200 },
    );
  });

  it('a chain is all basic', () => {
    const list = elements(randomGraph(createRandom(1), { kind: 'chain', nodes: 7 }));
    expect(list.map(({ merge, branches, opaque }) => ({ merge, branches, opaque }))).toEqual(
      [0, 1, 2, 3, 4, 5, 6].map((id) => ({ merge: [id], branches: [], opaque: false })),
    );
  });

  it.each([
    { name: 'resnet-50', blocks: 16, branches: 2, skips: 12 },
    { name: 'googlenet', blocks: 9, branches: 4, skips: 0 },
    { name: 'mobilenet-v2', blocks: 10, branches: 2, skips: 10 },
  ] as const)(
    '$name: $blocks blocks of $branches branches, $skips with a skip connection',
    ({ name, blocks, branches, skips }) => {
      const found = elements(graphOf(zooModel(name))).filter((element) => element.branches.length > 0);
      expect(found.map((element) => element.branches.length)).toEqual(found.map(() => branches));
      expect(found).toHaveLength(blocks);
      expect(found.filter((element) => element.branches.some((branch) => branch.length === 0))).toHaveLength(
        skips,
      );
      expect(found.filter(isOpaqueWithin)).toEqual([]);
    },
  );

  it('vit-b-16: two blocks an encoder layer, each around a skip connection', () => {
    const found = elements(graphOf(zooModel('vit-b-16'))).filter((element) => element.branches.length > 0);
    const skipping = found.filter((element) => element.branches.some((branch) => branch.length === 0));
    expect(skipping).toHaveLength(24);
  });
});

function isOpaqueWithin(element: Element): boolean {
  return element.opaque || element.branches.some((branch) => branch.some(isOpaqueWithin));
}
