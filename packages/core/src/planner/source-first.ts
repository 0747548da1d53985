import type { Device } from '../cluster/cluster.ts';
import type { Problem } from '../plan/problem.ts';

/** The devices in the cluster's order, but the one where requests enter first. */
export function sourceFirst({ cluster, workload }: Problem): Device[] {
  const isSource = ({ id }: Device): boolean => id === workload.source;
  return [...cluster.devices.filter(isSource), ...cluster.devices.filter((device) => !isSource(device))];
}
