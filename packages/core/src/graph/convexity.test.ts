import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../random.ts';
import { isConvex, quotientIsAcyclic } from './convexity.ts';
import type { Graph, NodeId } from './graph.ts';
import { randomGraph } from './random-graph.ts';

/** reach[a][b]: a path of one or more edges leads from a to b. */
function reachability(graph: Graph): boolean[][] {
  const reach = graph.nodes.map(() => graph.nodes.map(() => false));
  for (const node of graph.nodes) {
    for (const input of node.inputs) {
      const producer = graph.tensors[input]?.producer;
      if (typeof producer !== 'number') continue;
      for (const row of reach) if (row === reach[producer] || row[producer]) row[node.id] = true;
    }
  }
  return reach;
}

/** Every node in one of `count` sets. */
function randomPartition(graph: Graph, random: Random, count: number): NodeId[][] {
  const sets: NodeId[][] = Array.from({ length: count }, () => []);
  for (const { id } of graph.nodes) sets[random.integer(count)]?.push(id);
  return sets;
}

const shapes = fc.record({ seed: fc.integer(), nodes: fc.integer({ min: 2, max: 9 }) });

describe('isConvex', () => {
  it('is false exactly when a path leaves the set and comes back', () => {
    fc.assert(
      fc.property(shapes, ({ seed, nodes }) => {
        const random = createRandom(seed);
        const graph = randomGraph(random, { nodes });
        const [set = []] = randomPartition(graph, random, 2);
        const reach = reachability(graph);
        const leaves = graph.nodes.some(
          ({ id }) =>
            !set.includes(id) && set.some((from) => reach[from]?.[id]) && set.some((to) => reach[id]?.[to]),
        );
        expect(isConvex(graph, set)).toBe(!leaves);
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  it('refuses unknown nodes', () => {
    expect(() => isConvex(randomGraph(createRandom(1)), [99])).toThrow('node 99 is not in the graph');
  });
});

describe('quotientIsAcyclic', () => {
  it('is true exactly when no set reaches itself through another', () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 1, max: 4 }), ({ seed, nodes }, count) => {
        const random = createRandom(seed);
        const graph = randomGraph(random, { nodes });
        const sets = randomPartition(graph, random, count);
        expect(quotientIsAcyclic(graph, sets)).toBe(!hasCycle(graph, sets));
      }),
      { seed: 12, numRuns: 300 },
    );
  });

  it('sees two convex sets that wait for each other', () => {
    const graph = crossed();
    const sets = [
      [0, 3],
      [1, 2],
    ];
    expect(sets.map((set) => isConvex(graph, set))).toEqual([true, true]);
    expect(quotientIsAcyclic(graph, sets)).toBe(false);
    expect(
      quotientIsAcyclic(graph, [
        [0, 1],
        [2, 3],
      ]),
    ).toBe(true);
  });

  it('refuses sets that share a node', () => {
    expect(() => quotientIsAcyclic(crossed(), [[0, 1], [1]])).toThrow('node 1 is in sets 0 and 1');
  });
});

/** Two chains 0→1 and 2→3 from one input. */
function crossed(): Graph {
  const graph = randomGraph(createRandom(1), { kind: 'chain', nodes: 4 });
  const nodes = graph.nodes.map((node) => (node.id === 2 ? { ...node, inputs: [0] } : node));
  const tensors = graph.tensors.map((tensor) => {
    if (tensor.id === 0) return { ...tensor, consumers: [0, 2] };
    return tensor.id === 2 ? { ...tensor, consumers: [] } : tensor;
  });
  return { ...graph, nodes, tensors, outputs: [2, 4] };
}

/** Transitive closure of the sets' edges. */
function hasCycle(graph: Graph, sets: readonly (readonly NodeId[])[]): boolean {
  const owner = (id: NodeId): number => sets.findIndex((set) => set.includes(id));
  const edge = sets.map(() => sets.map(() => false));
  for (const { consumers, producer } of graph.tensors) {
    if (producer === 'input') continue;
    for (const consumer of consumers) {
      const row = edge[owner(producer)];
      if (row && owner(consumer) !== owner(producer)) row[owner(consumer)] = true;
    }
  }
  for (const [via] of sets.entries()) {
    for (const row of edge)
      if (row[via]) for (const [to] of sets.entries()) row[to] ||= edge[via]?.[to] ?? false;
  }
  return edge.some((row, index) => row[index]);
}
