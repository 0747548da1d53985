import type { Device } from '../cluster/cluster.ts';
import type { Graph, Node, NodeId } from '../graph/graph.ts';
import type { Problem } from '../plan/problem.ts';

/**
 * How many times as long as one request `requests` of them take together in a stage of `nodes`, by the roofline: operations and
 * activations count for each, parameters and launches once. From 1 to `requests`. 1 where the stage takes no time.
 */
export function batchFactor(
  { graph, cluster }: Pick<Problem, 'graph' | 'cluster'>,
  position: number,
  nodes: readonly NodeId[],
  requests: number,
): number {
  const device = cluster.devices[position];
  if (device === undefined) return 1;
  let alone = 0;
  let together = 0;
  for (const id of nodes) {
    const node = graph.nodes[id];
    if (node === undefined) continue;
    alone += roofline(device, graph, node, 1);
    together += roofline(device, graph, node, requests);
  }
  return alone === 0 ? 1 : together / alone;
}

function roofline(
  device: Device,
  graph: Graph,
  { flops, inputs, outputs, parameterBytes }: Node,
  requests: number,
): number {
  let activations = 0;
  for (const tensor of inputs) activations += graph.tensors[tensor]?.bytes ?? 0;
  for (const tensor of outputs) activations += graph.tensors[tensor]?.bytes ?? 0;
  const compute = (requests * flops) / device.flopsPerSecond;
  const memory = (requests * activations + parameterBytes) / device.memoryBytesPerSecond;
  return Math.max(compute, memory) * device.load + device.launchSeconds;
}
