import { expect, it } from 'vitest';
import { parseCluster } from '../cluster/parse-cluster.ts';
import { graphOf } from '../graph/graph-of.ts';
import { parameterBytesOf } from '../graph/stage-boundary.ts';
import { planOf } from '../plan/plan-of.ts';
import { problemOf } from '../plan/problem-of.ts';
import { zooModel } from '../zoo/zoo.ts';
import { evaluate } from './evaluate.ts';
import { rewrittenBytes } from './rewritten-bytes.ts';

const whole = (network: string) => {
  const graph = graphOf(zooModel(network), { batch: 1 });
  const nodes = graph.nodes.map(({ id }) => id);
  return { graph, nodes };
};

it('counts convolutions that are followed by a batch normalisation once more, the largest twice', () => {
  const { graph, nodes } = whole('resnet-18');
  const largest = 4 * 512 * 512 * 9;
  const convolutions = nodes.filter((id) => graph.nodes[id]?.op === 'Conv');
  expect(rewrittenBytes(graph, nodes)).toBe(parameterBytesOf(graph, convolutions) + largest);
});

it.each(['vgg16', 'vit-b-16', 'alexnet'])('finds nothing to rewrite in %s', (network) => {
  const { graph, nodes } = whole(network);
  expect(rewrittenBytes(graph, nodes)).toBe(0);
});

it('counts only what the stage holds', () => {
  const { graph, nodes } = whole('resnet-18');
  const first = nodes.slice(0, 3);
  expect(rewrittenBytes(graph, first)).toBe(2 * 4 * 64 * 3 * 49);
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
