import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { type RandomGraphKind, randomGraph } from './random-graph.ts';
import { validateGraph } from './validate-graph.ts';

const kinds: readonly RandomGraphKind[] = ['chain', 'series-parallel', 'general'];

describe('randomGraph', () => {
  it.each(kinds)('%s: valid, one input, one output, the same for the same seed', (kind) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer(), (nodes, seed) => {
        const options = { kind, nodes, folded: 0.3, idle: 0.2 };
        const graph = randomGraph(createRandom(seed), options);
        expect(validateGraph(graph)).toEqual([]);
        expect([graph.inputs.length, graph.outputs.length]).toEqual([1, 1]);
        expect(graph.nodes.length).toBeGreaterThanOrEqual(nodes);
        expect(randomGraph(createRandom(seed), options)).toEqual(graph);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('makes tensors with several consumers and nodes with two outputs', () => {
    const graph = randomGraph(createRandom(3), { nodes: 40 });
    expect(graph.tensors.some(({ consumers }) => consumers.length > 1)).toBe(true);
    expect(graph.nodes.some(({ outputs }) => outputs.length === 2)).toBe(true);
  });
});
