import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { zooModel } from '../zoo/zoo.ts';
import { allCuts } from './all-cuts.ts';
import type { Graph, TensorId } from './graph.ts';
import { graphOf } from './graph-of.ts';
import { randomGraph } from './random-graph.ts';
import { leastActivation, mostActivation, stageActivation } from './stage-activation.ts';
import { stageBoundary } from './stage-boundary.ts';

const shapes = fc.record({ seed: fc.integer(), nodes: fc.integer({ min: 1, max: 10 }) });

const bytesOf = (graph: Graph, tensors: readonly TensorId[]): number =>
  tensors.reduce((sum, id) => sum + (graph.tensors[id]?.bytes ?? 0), 0);

describe('stageActivation', () => {
  // Read from the page table of processes that ran these heads four times on ONNX Runtime 1.30: megabytes of its arena that were touched.
  it.each([
    { network: 'vgg16', last: 'features/stage5/conv2', arena: 32.12 },
    { network: 'resnet-50', last: 'layer3/block5/add', arena: 6.44 },
    { network: 'alexnet', last: 'classifier/fc1', arena: 0.97 },
  ])(
    'foresees the $arena MB that the arena of the head of $network was seen to touch',
    ({ network, last, arena }) => {
      const graph = graphOf(zooModel(network), { batch: 1 });
      const end = graph.nodes.findIndex(({ outputs: [output = -1] }) => graph.tensors[output]?.name === last);
      const head = [...graph.nodes.keys()].slice(0, end + 1);
      const { inputs, outputs } = stageBoundary(graph, head);
      const border = bytesOf(graph, inputs) + bytesOf(graph, outputs);
      expect(Math.abs((stageActivation(graph, head) - border) / 1e6 - arena)).toBeLessThan(0.03);
    },
  );

  it('lies between what any stage of some of the nodes has at least, and any stage of the graph at most', () => {
    fc.assert(
      fc.property(shapes, ({ seed, nodes }) => {
        const random = createRandom(seed);
        const graph = randomGraph(random, { nodes });
        const most = mostActivation(graph);
        for (const cut of allCuts(graph)) {
          const held = stageActivation(graph, cut.nodes);
          const { inputs, outputs } = stageBoundary(graph, cut.nodes);
          expect(held).toBeLessThanOrEqual(most);
          expect(held).toBeGreaterThanOrEqual(bytesOf(graph, inputs) + bytesOf(graph, outputs));
          for (const id of cut.nodes) {
            expect(held).toBeGreaterThanOrEqual(leastActivation(graph, [id]));
            for (const tensor of graph.nodes[id]?.outputs ?? [])
              expect(held).toBeGreaterThanOrEqual(bytesOf(graph, [tensor]));
          }
        }
      }),
      { seed: 32, numRuns: 100 },
    );
  });

  it('is what crosses the border where nothing is in between', () => {
    const graph = randomGraph(createRandom(1), { kind: 'chain', nodes: 3 });
    const { inputs, outputs } = stageBoundary(graph, [1]);
    expect(stageActivation(graph, [])).toBe(0);
    expect(stageActivation(graph, [1])).toBe(
      bytesOf(graph, [...inputs, ...outputs]) + (graph.nodes[1]?.workspaceBytes ?? 0),
    );
  });
});
