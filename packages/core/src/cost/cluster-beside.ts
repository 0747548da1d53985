import type { Cluster, HostId } from '../cluster/cluster.ts';
import { bytes } from '../units.ts';
import type { DeviceReport } from './report.ts';

/** What a plan's report says of a device's memory. */
export type HeldMemory = Pick<DeviceReport, 'device' | 'memoryBytes' | 'overheadBytes'>;

/**
 * The cluster with the memory that a plan leaves on devices and their hosts to another model beside it. What the model runtime itself
 * holds is there once and counts with the other's. Times are left as they are: those of devices and links that are free.
 */
export function clusterBeside(cluster: Cluster, held: readonly HeldMemory[]): Cluster {
  const taken = new Map(
    held.map(({ device, memoryBytes, overheadBytes }) => [device, memoryBytes - overheadBytes]),
  );
  const onHost = new Map<HostId, number>();
  for (const { id, host } of cluster.devices)
    onHost.set(host, (onHost.get(host) ?? 0) + (taken.get(id) ?? 0));
  const left = <Part extends { readonly memoryBytes: number }>(part: Part, less = 0) => {
    return { ...part, memoryBytes: bytes(Math.max(0, part.memoryBytes - less)) };
  };
  return {
    ...cluster,
    hosts: cluster.hosts.map((host) => left(host, onHost.get(host.id))),
    devices: cluster.devices.map((device) => left(device, taken.get(device.id))),
  };
}
