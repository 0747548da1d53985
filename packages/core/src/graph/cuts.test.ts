import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnsupportedError } from '../errors.ts';
import { createRandom } from '../random.ts';
import { allCuts, hasFewCuts } from './all-cuts.ts';
import { cutOf, prefixCuts } from './cut.ts';
import { foldGroups, groupProducers } from './fold-groups.ts';
import type { Cut, Graph } from './graph.ts';
import { randomCut } from './random-cut.ts';
import { randomGraph } from './random-graph.ts';
import { reorderedGraph } from './reordered-graph.ts';
import { singleTensorCuts } from './single-tensor-cuts.ts';

const small = fc.record({ seed: fc.integer(), nodes: fc.integer({ min: 1, max: 11 }) });

function graphFrom({ seed, nodes }: { seed: number; nodes: number }): Graph {
  const kinds = ['chain', 'series-parallel', 'general'] as const;
  const random = createRandom(seed);
  return randomGraph(random, { kind: kinds[random.integer(3)] ?? 'general', nodes, folded: 0.2 });
}

const isInner = (graph: Graph, cut: Cut): boolean =>
  cut.nodes.length > 0 && cut.nodes.length < graph.nodes.length;

describe('singleTensorCuts', () => {
  it('finds exactly the inner cuts of one tensor that enumeration finds', () => {
    fc.assert(
      fc.property(small, (shape) => {
        const graph = graphFrom(shape);
        const expected = allCuts(graph).filter((cut) => isInner(graph, cut) && cut.boundary.length === 1);
        expect(singleTensorCuts(graph)).toEqual(expected);
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  it('does not depend on the topological order', () => {
    fc.assert(
      fc.property(small, fc.integer(), (shape, seed) => {
        const graph = graphFrom({ ...shape, nodes: shape.nodes * 4 });
        const names = (one: Graph): (string | undefined)[] =>
          singleTensorCuts(one).map(({ boundary }) => one.tensors[boundary[0] ?? -1]?.name);
        expect(names(reorderedGraph(graph, createRandom(seed)))).toEqual(names(graph));
      }),
      { seed: 3, numRuns: 300 },
    );
  });
});

describe('singleTensorCuts of graphs with several outputs', () => {
  it('are cuts of that one tensor, whatever the order', () => {
    fc.assert(
      fc.property(small, fc.integer(), (shape, seed) => {
        const graph = withoutMerge(graphFrom({ ...shape, nodes: shape.nodes * 2 }));
        const cuts = singleTensorCuts(graph);
        expect(cuts).toEqual(cuts.map(({ nodes }) => cutOf(graph, nodes)));
        const other = singleTensorCuts(reorderedGraph(graph, createRandom(seed)));
        expect(new Set(other.map(({ boundary }) => boundary.join()))).toEqual(
          new Set(cuts.map(({ boundary }) => boundary.join())),
        );
      }),
      { seed: 8, numRuns: 300 },
    );
  });

  it('go on after an early exit', () => {
    // 0 → 1 → 2 → 3 → 4, and an exit 5 → 6 that reads what node 1 yields.
    const chain = randomGraph(createRandom(1), { kind: 'chain', nodes: 7 });
    const nodes = chain.nodes.map((node) => (node.id === 5 ? { ...node, inputs: [2] } : node));
    const tensors = chain.tensors.map((tensor) => {
      if (tensor.id === 2) return { ...tensor, consumers: [2, 5] };
      return tensor.id === 5 ? { ...tensor, consumers: [] } : tensor;
    });
    const cuts = singleTensorCuts({ ...chain, nodes, tensors, outputs: [5, 7] });
    expect(cuts.map(({ boundary, nodes: before }) => ({ boundary, before }))).toEqual([
      { boundary: [1], before: [0] },
      { boundary: [2], before: [0, 1] },
      { boundary: [3], before: [0, 1, 2, 5, 6] },
      { boundary: [4], before: [0, 1, 2, 3, 5, 6] },
    ]);
  });
});

/** The graph without its last node, whose inputs become outputs. */
function withoutMerge(graph: Graph): Graph {
  const last = graph.nodes.at(-1);
  if (last === undefined || graph.nodes.length < 2) return graph;
  const tensors = graph.tensors
    .slice(0, graph.tensors.length - last.outputs.length)
    .map((tensor) => ({ ...tensor, consumers: tensor.consumers.filter((id) => id !== last.id) }));
  return { ...graph, nodes: graph.nodes.slice(0, -1), tensors, outputs: last.inputs };
}

describe('prefixCuts', () => {
  it('goes from nothing to everything, each a cut with the boundary that cutOf finds', () => {
    fc.assert(
      fc.property(small, (shape) => {
        const graph = graphFrom({ ...shape, nodes: shape.nodes * 3 });
        const cuts = prefixCuts(graph);
        expect(cuts).toEqual(cuts.map(({ nodes }) => cutOf(graph, nodes)));
        expect(cuts[0]?.boundary).toEqual(graph.inputs);
        expect(cuts.at(-1)).toEqual({ nodes: graph.nodes.map(({ id }) => id), boundary: [], bytes: 0 });
        expect(cuts).toHaveLength(foldGroups(graph).length + 1);
      }),
      { seed: 4, numRuns: 100 },
    );
  });
});

describe('allCuts', () => {
  it('counts as many ideals as there are antichains', () => {
    fc.assert(
      fc.property(small, (shape) => {
        const graph = graphFrom(shape);
        expect(allCuts(graph)).toHaveLength(countAntichains(graph));
      }),
      { seed: 5, numRuns: 100 },
    );
  });

  it('agrees with cutOf and repeats nothing', () => {
    const graph = randomGraph(createRandom(9), { nodes: 10 });
    const cuts = allCuts(graph);
    expect(cuts).toEqual(cuts.map(({ nodes }) => cutOf(graph, nodes)));
    expect(new Set(cuts.map(({ nodes }) => nodes.join())).size).toBe(cuts.length);
  });

  it('refuses more than the limit', () => {
    const graph = randomGraph(createRandom(1), { kind: 'chain', nodes: 20 });
    expect(allCuts(graph, 21)).toHaveLength(21);
    expect(() => allCuts(graph, 20)).toThrow(UnsupportedError);
  });
});

describe('hasFewCuts', () => {
  it('is what listing all cuts would answer, at and around their number', () => {
    for (let seed = 0; seed < 200; seed++) {
      const graph = randomGraph(createRandom(seed), { nodes: 1 + (seed % 10), folded: 0.1 });
      const count = allCuts(graph).length;
      expect([count - 1, count, count + 1].map((limit) => hasFewCuts(graph, limit))).toEqual([
        false,
        true,
        true,
      ]);
    }
  });
});

describe('randomCut', () => {
  it('is an inner cut of at least the wanted tensors, and of the same for the same seed', () => {
    fc.assert(
      fc.property(small, fc.integer(), (shape, seed) => {
        const graph = graphFrom({ ...shape, nodes: shape.nodes * 3 });
        const cut = randomCut(graph, createRandom(seed), { minimumTensors: 2 });
        if (cut === null) return;
        expect(isInner(graph, cut)).toBe(true);
        expect(cut.boundary.length).toBeGreaterThanOrEqual(2);
        expect(cut).toEqual(cutOf(graph, cut.nodes));
        expect(randomCut(graph, createRandom(seed), { minimumTensors: 2 })).toEqual(cut);
      }),
      { seed: 6, numRuns: 200 },
    );
  });

  it('finds a cut of two tensors where enumeration does', () => {
    fc.assert(
      fc.property(small, (shape) => {
        const graph = graphFrom(shape);
        const exists = allCuts(graph).some((cut) => isInner(graph, cut) && cut.boundary.length > 1);
        expect(randomCut(graph, createRandom(7)) !== null).toBe(exists);
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});

describe('cutOf', () => {
  const graph = randomGraph(createRandom(4), { kind: 'chain', nodes: 4 });

  it.each([
    { nodes: [1], message: 'node 1' },
    { nodes: [0, 2], message: 'node 2' },
    { nodes: [7], message: 'node 7 is not in the graph' },
    { nodes: [0.5], message: 'node 0.5 is not in the graph' },
  ])('refuses $nodes', ({ nodes, message }) => {
    expect(() => cutOf(graph, nodes)).toThrow(message);
  });

  it('refuses to part what is folded together', () => {
    const folded = randomGraph(createRandom(4), { kind: 'chain', nodes: 4, folded: 1 });
    expect(folded.nodes.map(({ foldedInto }) => foldedInto)).toEqual([null, 0, 0, 0]);
    expect(() => cutOf(folded, [0, 1])).toThrow('two sides of the cut');
    expect(cutOf(folded, [3, 2, 1, 0]).nodes).toEqual([0, 1, 2, 3]);
  });

  it('counts a tensor with several readers once, and an input that is needed later', () => {
    const fan = randomGraph(createRandom(12), { nodes: 30 });
    const expected = fan.tensors.filter(
      ({ producer, consumers }) => producer === 'input' && consumers.length > 0,
    );
    expect(cutOf(fan, []).boundary).toEqual(expected.map(({ id }) => id));
  });
});

/** Sets of groups of which none precedes another; at most 16 groups. */
function countAntichains(graph: Graph): number {
  const groups = foldGroups(graph);
  const before: number[] = [];
  for (const [index, producers] of groupProducers(graph, groups).entries()) {
    before[index] = producers.reduce((mask, producer) => mask | (1 << producer) | (before[producer] ?? 0), 0);
  }
  let count = 0;
  for (let mask = 0; mask < 1 << groups.length; mask++) {
    if (before.every((earlier, index) => (mask & (1 << index)) === 0 || (mask & earlier) === 0)) count++;
  }
  return count;
}
