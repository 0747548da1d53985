import type { Device } from '../cluster/cluster.ts';
import type { Graph, Node, NodeId } from '../graph/graph.ts';
import type { Problem } from '../plan/problem.ts';
import { leastCertain } from '../profile/node-seconds.ts';
import type { Source } from '../profile/profile.ts';
import { stageSeconds } from '../profile/stage-seconds.ts';

/** From 1 to the number of requests, and where it comes from. */
export interface BatchFactor {
  readonly factor: number;
  readonly source: Source;
}

/**
 * How many times as long as one request `requests` of them take together in a stage of `nodes`: as it was measured of one and of so many
 * with the device's own threads and clock, else by the roofline, in which operations and activations count for each, parameters and
 * launches once.
 */
export function batchFactor(
  problem: Pick<Problem, 'graph' | 'cluster' | 'profile'>,
  position: number,
  nodes: readonly NodeId[],
  requests: number,
): BatchFactor {
  const device = problem.cluster.devices[position];
  if (device === undefined) return { factor: 1, source: 'roofline' };
  return (
    measuredFactor(problem, device, nodes, requests) ?? rooflineFactor(problem.graph, device, nodes, requests)
  );
}

/** Null where one of the two was not measured. */
function measuredFactor(
  { graph, profile }: Pick<Problem, 'graph' | 'profile'>,
  device: Device,
  nodes: readonly NodeId[],
  requests: number,
): BatchFactor | null {
  const own = profile.otherBatches?.find(
    (times) => times.device === device.id && times.requests === requests,
  );
  if (own === undefined) return null;
  const [alone, together] = [profile, own].map((times) => stageSeconds(times, device, graph, nodes));
  if (alone === undefined || together === undefined || alone.seconds === 0) return null;
  if (leastCertain(alone.source, together.source) !== 'measured') return null;
  return { factor: together.seconds / alone.seconds, source: 'measured' };
}

function rooflineFactor(
  graph: Graph,
  device: Device,
  nodes: readonly NodeId[],
  requests: number,
): BatchFactor {
  let alone = 0;
  let together = 0;
  for (const id of nodes) {
    const node = graph.nodes[id];
    if (node === undefined) continue;
    alone += roofline(device, graph, node, 1);
    together += roofline(device, graph, node, requests);
  }
  return { factor: alone === 0 ? 1 : together / alone, source: 'roofline' };
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
