import type { Cluster, DeviceId } from '../cluster/cluster.ts';
import type { Graph } from '../graph/graph.ts';
import type { Profile } from '../profile/profile.ts';

/** Everything that a planner may look at. JSON-able; `problemDigest` names it. */
export interface Problem {
  readonly graph: Graph;
  readonly cluster: Cluster;
  readonly profile: Profile;
  readonly workload: Workload;
  readonly objective: Objective;
  readonly constraints: Constraints;
}

/** One request: the graph's inputs appear at `source`, its outputs are wanted at `sink`. */
export interface Workload {
  readonly arrivals: { readonly kind: 'one' };
  readonly source: DeviceId;
  readonly sink: DeviceId;
}

export type Objective = { readonly kind: 'latency' };

export interface Constraints {
  /** Whether a stage's parameters stay loaded ('resident') between its requests. */
  readonly memory: 'resident';
  /** True: no graph input may cross a link. @default false */
  readonly neverLeaveRawInput: boolean;
}
