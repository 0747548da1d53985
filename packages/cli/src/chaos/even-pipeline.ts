import {
  type ChaosDocument,
  chaosDevices,
  type Graph,
  type Plan,
  type Problem,
  parseCluster,
  planOf,
  problemDigest,
  problemOf,
  type Stage,
  singleTensorCuts,
} from '@tandem/core';
import { createSha256 } from '@tandem/node';

/** Equal devices that all reach each other, and the network cut into stages of about as many nodes each, on the first devices. */
export function evenPipeline(
  graph: Graph,
  { devices: count, stages, paceSeconds }: ChaosDocument,
): { readonly problem: Problem; readonly plan: Plan } {
  const ids = chaosDevices(count);
  const cluster = parseCluster({
    name: 'processes of this machine',
    hosts: [{ id: 'here', memoryGigabytes: 64 }],
    devices: ids.map((id) => ({
      id,
      host: 'here',
      kind: 'cpu',
      gigaflopsPerSecond: 10,
      memoryGigabytesPerSecond: 10,
      emulated: paceSeconds > 0,
    })),
    links: ids.flatMap((from, at) =>
      ids
        .slice(at + 1)
        .map((to) => ({ from, to, megabitsPerSecond: 1000, roundTripMilliseconds: 0.1, bothWays: true })),
    ),
    source: ids[0] ?? '',
  });
  const problem = problemOf(graph, cluster);
  const digest = problemDigest(problem, createSha256);
  return { problem, plan: planOf(problem, digest, evenStages(graph, ids.slice(0, stages)), 'even') };
}

/** A network with fewer cuts than that gets fewer stages. */
function evenStages(graph: Graph, devices: readonly string[]): Stage[] {
  const cuts = singleTensorCuts(graph);
  const placed = new Set<number>();
  return devices.flatMap((device, at) => {
    const isLast = at === devices.length - 1;
    const before = cuts[Math.floor(((at + 1) * cuts.length) / devices.length)]?.nodes ?? [];
    const own = isLast ? graph.nodes.map(({ id }) => id) : before;
    const nodes = own.filter((id) => !placed.has(id));
    for (const id of nodes) placed.add(id);
    return nodes.length === 0 ? [] : [{ device, nodes }];
  });
}
