import type { Cluster, DeviceId } from '../cluster/cluster.ts';
import { InvalidInputError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { Profile } from '../profile/profile.ts';
import type { Problem } from './problem.ts';

export interface ProblemOptions {
  /** @default nothing measured */
  readonly profile?: Profile;
  /** @default the cluster's source, else its first device */
  readonly source?: DeviceId;
  /** @default the cluster's sink, else where the request entered */
  readonly sink?: DeviceId;
  /** @default false */
  readonly neverLeaveRawInput?: boolean;
}

/** The problem of running one request of `graph` on `cluster` soonest. Throws InvalidInputError on an unknown source or sink. */
export function problemOf(graph: Graph, cluster: Cluster, options: ProblemOptions = {}): Problem {
  const source = options.source ?? cluster.source ?? cluster.devices[0]?.id ?? '';
  const sink = options.sink ?? cluster.sink ?? source;
  for (const id of [source, sink]) {
    if (cluster.devices.some((device) => device.id === id)) continue;
    throw new InvalidInputError(
      `the device '${id}' is not in the cluster '${cluster.name}', expected ${deviceNames(cluster)}`,
      'Name a device of the cluster as source and sink.',
    );
  }
  return {
    graph,
    cluster,
    profile: options.profile ?? { rows: [] },
    workload: { arrivals: { kind: 'one' }, source, sink },
    objective: { kind: 'latency' },
    constraints: { memory: 'resident', neverLeaveRawInput: options.neverLeaveRawInput ?? false },
  };
}

function deviceNames(cluster: Cluster): string {
  return cluster.devices.map(({ id }) => `'${id}'`).join(', ') || 'a cluster with devices';
}
