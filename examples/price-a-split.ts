// What each place of one cut costs between a weak device and a strong one, before anything runs.
import { evaluate, graphOf, parseCluster, planOf, problemOf, singleTensorCuts, zooModel } from '@tandem/core';

const cluster = parseCluster({
  hosts: [
    { id: 'camera', memoryGigabytes: 1 },
    { id: 'desk', memoryGigabytes: 8 },
  ],
  devices: [
    { id: 'camera', host: 'camera', kind: 'cpu', gigaflopsPerSecond: 8, memoryGigabytesPerSecond: 3 },
    { id: 'desk', host: 'desk', kind: 'cpu', gigaflopsPerSecond: 60, memoryGigabytesPerSecond: 12 },
  ],
  links: [{ from: 'camera', to: 'desk', megabitsPerSecond: 20, roundTripMilliseconds: 4, bothWays: true }],
});
const graph = graphOf(zooModel('alexnet'));
const problem = problemOf(graph, cluster);
const cuts = [{ nodes: [] }, ...singleTensorCuts(graph), { nodes: graph.nodes.map(({ id }) => id) }];

for (const { nodes } of cuts) {
  const here = new Set(nodes);
  const there = graph.nodes.filter(({ id }) => !here.has(id)).map(({ id }) => id);
  const stages = [
    { device: 'camera', nodes },
    { device: 'desk', nodes: there },
  ];
  const { latencySeconds, bytesSent } = evaluate(problem, planOf(problem, 'example', stages, 'by hand'));
  const last = graph.nodes[nodes.at(-1) ?? -1]?.name ?? 'nothing';
  console.log(`camera runs up to ${last}: ${(latencySeconds * 1e3).toFixed(0)} ms, ${bytesSent} bytes sent`);
}
