import type { Problem } from '../plan/problem.ts';
import { supportsObjective } from './objective-support.ts';
import type { Planner } from './planner.ts';
import type { DevicePair } from './two-stage-costs.ts';

/** The workload's source with each device that could be its server, in the cluster's order. */
export function serverPairs({ cluster, workload }: Problem): DevicePair[] {
  const servers = cluster.devices.filter(({ id }) => id !== workload.source);
  return servers.map(({ id }) => ({ first: workload.source, second: id }));
}

export function supportsServers(problem: Problem): ReturnType<Planner['supports']> {
  const devices = problem.cluster.devices.map(({ id }) => id);
  if (serverPairs(problem).length > 0) return supportsObjective(problem, devices);
  const reason = `The cluster '${problem.cluster.name}' has no device beside '${problem.workload.source}'.`;
  return { yes: false, reason };
}
