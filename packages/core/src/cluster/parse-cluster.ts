import { type ClusterValues, checkClusterValues } from './check-cluster-values.ts';
import type { Cluster } from './cluster.ts';
import { type ClusterDocument, clusterFields, type HostValues, hostFields } from './cluster-fields.ts';
import { deviceRow, hostRow, linkRows } from './cluster-rows.ts';
import { DocumentFaults, type DocumentPlace } from './document-faults.ts';
import { readFields } from './document-fields.ts';
import { readDevice } from './read-device.ts';
import { readLink } from './read-link.ts';
import { type ReadTrace, TraceShelf } from './trace-shelf.ts';

const remedy = 'Correct the cluster description; `parseCluster` documents every key.';

/**
 * A cluster from plain data, as YAML or JSON gives it. Keys end in their unit; those with `?` may be left out:
 *
 *     name?: living room
 *     hosts:                          # machines; their devices share the memory
 *       - { id: pi, memoryGigabytes: 1 }              # or memoryBytes; 1 GB = 1e9 bytes
 *       - { id: desk, memoryGigabytes: 4 }            # may be left out where a device of it is `like` one of known memory
 *     devices:                        # engines
 *       - id: pi
 *         host: pi
 *         like?: raspberry-pi-4b      # a name of the catalogue; the keys below go before what it says
 *         kind: cpu                   # cpu, gpu or npu; may be left out with `like`, as the two rates
 *         memoryGigabytes?: 0.8       # or memoryBytes?; default: what `like` says, or all of the host's
 *         gigaflopsPerSecond: 8       # what dense kernels sustain
 *         memoryGigabytesPerSecond: 3
 *         launchMicroseconds?: 20     # added for each node; default 0
 *         overheadMegabytes?: 60      # held before any segment is loaded; default 0, or what a profile of the device says
 *         loadMegabytesPerSecond?: 40 # how fast a cold model reaches its memory; default: loading is not counted
 *         load?: 1                    # >= 1: times slower now than when idle; default 1
 *         threads?: 1                 # default 1, or the cores of the CPU that it is like
 *         frequencies?: { levelsMegahertz: [600, 1500] }    # or { minimumMegahertz: 600, maximumMegahertz: 1500 }
 *         power?: { idleWatts: 2, staticWatts: 2, dynamicWattsAtMaximum: 4, exponent?: 3 }
 *                                     # or { idleWatts: 2, points: [{ megahertz: 600, watts: 3 }, …] }
 *         microarchitecture?: { class?: board, cores?: 4, simdBits?: 128, fmaUnits?: 1, level1Kibibytes?: 32,
 *                               level2Kibibytes?: 1024, level3Kibibytes?: 2048, instructionSets?: [neon],
 *                               matrixGigaflopsPerSecond?: 20, copyGigabytesPerSecond?: 3 }
 *         labels?: [outdoors]
 *         emulated?: true             # imitated on this machine; default false; excludes address
 *         address?: 10.0.0.7:7700     # of a running agent, or ws://…; default: one is started here
 *     links?:
 *       - from: pi
 *         to: desk
 *         megabitsPerSecond: 20       # 1 Mbit/s = 1e6 bit/s; or one of the next three
 *         like: 4g                    # a name of the catalogue; the other ways go before what it says
 *         shannon: { bandwidthMegahertz: 20, snrDecibels: 15 }    # B log2(1 + SNR)
 *         trace: walk.txt             # a file beside this one; a line is `seconds Mbit/s`
 *         loop?: true                 # start the trace again at its end; default: its last rate stays
 *         roundTripMilliseconds?: 2   # default 0
 *         perMessageMilliseconds?: 0  # added for each tensor; default 0
 *         burstBytes?: 1600           # of each tensor, take no time: a bucket of tokens lets them through; default 0
 *         transmitWatts?: 1.2         # what the sender draws while it sends, above its device's draw; default: not counted
 *         receiveWatts?: 0.9          # the same for the receiver
 *         bothWays?: true             # a second, equal link goes back; default false
 *     source?: pi                     # where requests enter; default: the first device
 *     sink?: pi                       # where answers are wanted; default: where the request entered
 *
 * The cluster holds everything: figures of the catalogue and points of traces, no names of them. Throws InvalidInputError with one
 * sentence for each fault; `place` says where a path lies in the file, `readTrace` gives the text of a trace file.
 */
export function parseCluster(value: unknown, place?: DocumentPlace, readTrace?: ReadTrace): Cluster {
  const faults = new DocumentFaults(place);
  const traces = new TraceShelf(readTrace);
  const root = readFields<ClusterDocument>(value, [], clusterFields, faults);
  const values: ClusterValues = {
    hosts: (root.hosts ?? []).map((host, index) =>
      readFields<HostValues>(host, ['hosts', index], hostFields, faults),
    ),
    devices: (root.devices ?? []).map((device, index) => readDevice(device, ['devices', index], faults)),
    links: (root.links ?? []).map((link, index) => readLink(link, ['links', index], traces, faults)),
    source: root.source,
    sink: root.sink,
  };
  checkClusterValues(values, root.hosts !== undefined && root.devices !== undefined, faults);
  faults.throwIfAny(remedy);
  return clusterOf(root.name ?? 'cluster', values);
}

function clusterOf(name: string, values: ClusterValues): Cluster {
  const hosts = values.hosts.map((host) => hostRow(host, values.devices));
  return {
    name,
    hosts,
    devices: values.devices.map((device) => deviceRow(device, hosts)),
    links: values.links.flatMap(linkRows),
    ...(values.source === undefined ? {} : { source: values.source }),
    ...(values.sink === undefined ? {} : { sink: values.sink }),
  };
}
