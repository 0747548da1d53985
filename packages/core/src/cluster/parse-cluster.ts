import { type ClusterValues, checkClusterValues } from './check-cluster-values.ts';
import type { Cluster } from './cluster.ts';
import {
  type ClusterDocument,
  clusterFields,
  type DeviceValues,
  deviceFields,
  type HostValues,
  hostFields,
  type LinkValues,
  linkFields,
} from './cluster-fields.ts';
import { deviceRow, hostRow, linkRows } from './cluster-rows.ts';
import { DocumentFaults, type DocumentPlace } from './document-faults.ts';
import { readFields } from './document-fields.ts';

const remedy = 'Correct the cluster description; `parseCluster` documents every key.';

/**
 * A cluster from plain data, as YAML or JSON gives it. Keys end in their unit; those with `?` may be left out:
 *
 *     name?: living room
 *     hosts:                          # machines; their devices share the memory
 *       - { id: pi, memoryGigabytes: 1 }              # or memoryBytes; 1 GB = 1e9 bytes
 *       - { id: desk, memoryGigabytes: 4 }
 *     devices:                        # engines
 *       - id: pi
 *         host: pi
 *         kind: cpu                   # cpu, gpu or npu
 *         memoryGigabytes?: 0.8       # or memoryBytes?; default: all of the host's
 *         gigaflopsPerSecond: 8       # what dense kernels sustain
 *         memoryGigabytesPerSecond: 3
 *         launchMicroseconds?: 20     # added for each node; default 0
 *         overheadMegabytes?: 60      # held before any segment is loaded; default 0
 *         load?: 1                    # >= 1: times slower now than when idle; default 1
 *         threads?: 1                 # default 1
 *         emulated?: true             # imitated on this machine; default false; excludes address
 *         address?: 10.0.0.7:7700     # of a running agent; default: one is started here
 *     links?:
 *       - from: pi
 *         to: desk
 *         megabitsPerSecond: 20       # 1 Mbit/s = 1e6 bit/s
 *         roundTripMilliseconds?: 2   # default 0
 *         perMessageMilliseconds?: 0  # added for each tensor; default 0
 *         bothWays?: true             # a second, equal link goes back; default false
 *     source?: pi                     # where requests enter; default: the first device
 *     sink?: pi                       # where answers are wanted; default: where the request entered
 *
 * Throws InvalidInputError with one sentence for each fault; `place` says where a path lies in the file.
 */
export function parseCluster(value: unknown, place?: DocumentPlace): Cluster {
  const faults = new DocumentFaults(place);
  const root = readFields<ClusterDocument>(value, [], clusterFields, faults);
  const values: ClusterValues = {
    hosts: (root.hosts ?? []).map((host, index) =>
      readFields<HostValues>(host, ['hosts', index], hostFields, faults),
    ),
    devices: (root.devices ?? []).map((device, index) =>
      readFields<DeviceValues>(device, ['devices', index], deviceFields, faults),
    ),
    links: (root.links ?? []).map((link, index) =>
      readFields<LinkValues>(link, ['links', index], linkFields, faults),
    ),
    source: root.source,
    sink: root.sink,
  };
  checkClusterValues(values, root.hosts !== undefined && root.devices !== undefined, faults);
  faults.throwIfAny(remedy);
  return clusterOf(root.name ?? 'cluster', values);
}

function clusterOf(name: string, values: ClusterValues): Cluster {
  const hosts = values.hosts.map(hostRow);
  return {
    name,
    hosts,
    devices: values.devices.map((device) => deviceRow(device, hosts)),
    links: values.links.flatMap(linkRows),
    ...(values.source === undefined ? {} : { source: values.source }),
    ...(values.sink === undefined ? {} : { sink: values.sink }),
  };
}
