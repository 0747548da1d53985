import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseCluster } from '../cluster/parse-cluster.ts';
import type { Graph, NodeId } from '../graph/graph.ts';
import { graphOf } from '../graph/graph-of.ts';
import { parameterBytesOf } from '../graph/stage-boundary.ts';
import { planOf } from '../plan/plan-of.ts';
import { problemOf } from '../plan/problem-of.ts';
import { zooModel } from '../zoo/zoo.ts';
import { evaluate } from './evaluate.ts';
import { joinedWeights, rewrittenBytes, rewrittenWeights } from './rewritten-bytes.ts';

const whole = (network: string) => {
  const graph = graphOf(zooModel(network), { batch: 1 });
  const nodes = graph.nodes.map(({ id }) => id);
  return { graph, nodes };
};

const convolutionBytes = (graph: Graph, nodes: readonly NodeId[]) =>
  nodes.flatMap((id) => {
    const node = graph.nodes[id];
    return node?.op === 'Conv' ? [node.parameterBytes] : [];
  });
const total = (sizes: readonly number[]) => sizes.reduce((sum, size) => sum + size, 0);

it('holds folded weights, those that were reordered, and the last convolution four times', () => {
  const { graph, nodes } = whole('resnet-18');
  const sizes = convolutionBytes(graph, nodes);
  const folded = total(sizes);
  const last = 4 * 512 * 512 * 9;
  const peak = folded + total(sizes.slice(0, -1)) + 4 * last;
  expect(rewrittenBytes(graph, nodes)).toBe(peak - parameterBytesOf(graph, nodes));
});

it('lets a larger convolution before the last decide', () => {
  const { graph, nodes } = whole('resnet-50');
  const sizes = convolutionBytes(graph, nodes);
  const larger = 4 * 512 * 512 * 9;
  expect(sizes.at(-2)).toBe(larger);
  const peak = total(sizes) + total(sizes.slice(0, -2)) + 4 * larger;
  expect(rewrittenBytes(graph, nodes)).toBe(peak - parameterBytesOf(graph, nodes));
});

it('finds weights that are only reordered where all that is loaded convolves', () => {
  const { graph, nodes } = whole('vgg16');
  const head = nodes.filter((id) => id < nodes.findIndex((node) => graph.nodes[node]?.op === 'Flatten'));
  const last = 4 * (512 * 512 * 9 + 512);
  expect(rewrittenBytes(graph, head)).toBe(3 * last);
  expect(rewrittenBytes(graph, nodes)).toBe(0);
});

it.each(['vit-b-16', 'alexnet'])('finds nothing in %s beyond its parameters', (network) => {
  const { graph, nodes } = whole(network);
  expect(rewrittenBytes(graph, nodes)).toBe(0);
});

it('counts only what the stage holds, in the graph’s order', () => {
  const { graph, nodes } = whole('resnet-18');
  const first = nodes.slice(0, 3);
  const weights = 4 * 64 * 3 * 49;
  const others = parameterBytesOf(graph, first) - weights;
  expect(rewrittenBytes(graph, first.toReversed())).toBe(4 * weights - others);
});

it('joins runs of nodes to what they are together', () => {
  const { graph, nodes } = whole('inception-v3');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: nodes.length }), (at) => {
      const [left, right] = [nodes.slice(0, at), nodes.slice(at)];
      fc.pre(right.every((id) => (graph.nodes[id]?.foldedInto ?? at) >= at));
      const joined = joinedWeights(rewrittenWeights(graph, left), rewrittenWeights(graph, right));
      expect(joined).toEqual(rewrittenWeights(graph, nodes));
    }),
  );
});

it('holds the peak of loading against the device and says so', () => {
  const { graph, nodes } = whole('resnet-18');
  const rates = { kind: 'cpu', gigaflopsPerSecond: 1, memoryGigabytesPerSecond: 1, overheadMegabytes: 1 };
  const reportWith = (memoryGigabytes: number) => {
    const cluster = parseCluster({
      hosts: [{ id: 'a', memoryGigabytes }],
      devices: [{ id: 'a', host: 'a', ...rates }],
    });
    const problem = problemOf(graph, cluster);
    return evaluate(problem, planOf(problem, '', [{ device: 'a', nodes }], 'test'));
  };
  const { devices, violations } = reportWith(0.09);
  const peak = 1e6 + parameterBytesOf(graph, nodes) + rewrittenBytes(graph, nodes);
  expect(devices[0]).toMatchObject({ memoryBytes: peak, loadPeakBytes: peak });
  expect(violations[0]).toContain(`, loading ${peak - 1e6})`);
  expect(reportWith(0.2).violations).toEqual([]);
});
