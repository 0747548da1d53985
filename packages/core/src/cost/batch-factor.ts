import type { Device } from '../cluster/cluster.ts';
import type { Graph, NodeId } from '../graph/graph.ts';
import type { Problem } from '../plan/problem.ts';
import { leastCertain, rooflineSeconds } from '../profile/node-seconds.ts';
import type { Source } from '../profile/profile.ts';
import { stageSeconds } from '../profile/stage-seconds.ts';

/** From 1 to the number of requests, and where it comes from. */
export interface BatchFactor {
  readonly factor: number;
  readonly source: Source;
}

/**
 * How many times as long as one request `requests` of them take together in a stage of `nodes`: as it was measured of one and of so many
 * with the device's own threads and clock, else by the roofline (`rooflineSeconds`).
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
    alone += rooflineSeconds(device, graph, node);
    together += rooflineSeconds(device, graph, node, requests);
  }
  return { factor: alone === 0 ? 1 : together / alone, source: 'roofline' };
}
