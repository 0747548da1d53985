// What a model computes, where it can be cut, and what a plan for two devices costs. No file, no network.
import {
  createEvaluator,
  exampleCluster,
  graphOf,
  planOf,
  problemOf,
  singleTensorCuts,
  zooModel,
} from '@tandem/core';

const graph = graphOf(zooModel('mobilenet-v2', { resolution: 96 }));
const flops = graph.nodes.reduce((sum, node) => sum + node.flops, 0);
const cuts = singleTensorCuts(graph);
console.log(
  `${graph.name}: ${graph.nodes.length} nodes, ${(flops / 1e6).toFixed(0)} MFLOP, ${cuts.length} cuts`,
);

const problem = problemOf(graph, exampleCluster());
const evaluator = createEvaluator(problem);
const { source } = problem.workload;
const server = problem.cluster.devices.find((device) => device.id !== source);
const every = graph.nodes.map((node) => node.id);

for (const cut of [...cuts, { nodes: every, bytes: 0 }]) {
  const before = new Set(cut.nodes);
  const stages = [
    { device: source, nodes: cut.nodes },
    { device: server.id, nodes: every.filter((id) => !before.has(id)) },
  ];
  const { latencySeconds } = evaluator.evaluate(planOf(problem, '', stages, 'example'));
  console.log(
    `${cut.nodes.length} nodes here, ${cut.bytes} bytes sent: ${(latencySeconds * 1000).toFixed(1)} ms`,
  );
}
