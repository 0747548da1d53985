import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { allCuts } from './all-cuts.ts';
import type { Graph, NodeId, TensorId } from './graph.ts';
import { peakActivation } from './peak-activation.ts';
import { randomGraph } from './random-graph.ts';
import { parameterBytesOf, stageBoundary } from './stage-boundary.ts';

const shapes = fc.record({ seed: fc.integer(), nodes: fc.integer({ min: 1, max: 10 }) });

/** Convex sets: what lies between two nested cuts. */
function randomStage(seed: number, nodes: number): { graph: Graph; stage: NodeId[] } {
  const random = createRandom(seed);
  const graph = randomGraph(random, { nodes });
  const cuts = allCuts(graph);
  const outer = cuts[random.integer(cuts.length)]?.nodes ?? [];
  const inner = cuts.filter((cut) => cut.nodes.every((id) => outer.includes(id)));
  const before = inner[random.integer(inner.length)]?.nodes ?? [];
  return { graph, stage: outer.filter((id) => !before.includes(id)) };
}

/** An allocator that frees, before each step, whatever no later step reads. */
function simulatedPeak(graph: Graph, stage: readonly NodeId[]): number {
  const { inputs, outputs } = stageBoundary(graph, stage);
  const size = (ids: Iterable<TensorId>): number =>
    [...ids].reduce((sum, id) => sum + (graph.tensors[id]?.bytes ?? 0), 0);
  let held = new Set(inputs);
  let peak = size(held);
  for (const [step, id] of stage.entries()) {
    const node = graph.nodes[id];
    for (const output of node?.outputs ?? []) held.add(output);
    peak = Math.max(peak, size(held) + (node?.workspaceBytes ?? 0));
    const later = new Set(stage.slice(step + 1).flatMap((next) => graph.nodes[next]?.inputs ?? []));
    held = new Set([...held].filter((tensor) => later.has(tensor) || outputs.includes(tensor)));
  }
  return peak;
}

describe('peakActivation', () => {
  it('equals a simulated allocator and covers every single node', () => {
    fc.assert(
      fc.property(shapes, ({ seed, nodes }) => {
        const { graph, stage } = randomStage(seed, nodes);
        const peak = peakActivation(graph, stage);
        expect(peak).toBe(simulatedPeak(graph, stage));
        for (const id of stage) {
          const node = graph.nodes[id];
          const touched = [...(node?.inputs ?? []), ...(node?.outputs ?? [])];
          const need = touched.reduce((sum, tensor) => sum + (graph.tensors[tensor]?.bytes ?? 0), 0);
          expect(peak).toBeGreaterThanOrEqual(need + (node?.workspaceBytes ?? 0));
        }
      }),
      { seed: 21, numRuns: 200 },
    );
  });

  it('is nothing for no nodes', () => {
    expect(peakActivation(randomGraph(createRandom(1)), [])).toBe(0);
  });
});

describe('stageBoundary', () => {
  it('of a cut: what crosses it, and what the graph returns', () => {
    fc.assert(
      fc.property(shapes, ({ seed, nodes }) => {
        const graph = randomGraph(createRandom(seed), { nodes });
        for (const cut of allCuts(graph)) {
          const rest = graph.nodes.map(({ id }) => id).filter((id) => !cut.nodes.includes(id));
          const crossing = cut.boundary.filter((id) => graph.tensors[id]?.producer !== 'input');
          expect(stageBoundary(graph, rest).inputs).toEqual(cut.boundary);
          expect(stageBoundary(graph, cut.nodes).outputs.filter((id) => !graph.outputs.includes(id))).toEqual(
            crossing,
          );
        }
      }),
      { seed: 22, numRuns: 50 },
    );
  });
});

describe('parameterBytesOf', () => {
  it('counts what several nodes share once', () => {
    const graph = randomGraph(createRandom(5), { kind: 'chain', nodes: 30, sharedParameters: 0.5 });
    const all = graph.nodes.map(({ id }) => id);
    const used = new Set(graph.nodes.flatMap(({ parameters }) => parameters));
    const distinct = graph.parameters.reduce((sum, { id, bytes }) => sum + (used.has(id) ? bytes : 0), 0);
    expect(parameterBytesOf(graph, all)).toBe(distinct);
    expect(graph.nodes.reduce((sum, node) => sum + node.parameterBytes, 0)).toBeGreaterThan(distinct);
  });
});
