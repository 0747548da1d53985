import type { Cluster } from './cluster.ts';
import { parseCluster } from './parse-cluster.ts';

/**
 * What a command uses when it is given no cluster: an imitated weak device 'pi', which sustains about what one core of a
 * Raspberry Pi 4 does, where requests enter, and 'server', one thread of this machine, over a slow wireless link.
 */
export function exampleCluster(): Cluster {
  return parseCluster({
    name: 'example: a weak device and this machine',
    hosts: [
      { id: 'pi', memoryGigabytes: 1 },
      { id: 'server', memoryGigabytes: 4 },
    ],
    devices: [
      {
        id: 'pi',
        host: 'pi',
        kind: 'cpu',
        gigaflopsPerSecond: 8,
        memoryGigabytesPerSecond: 3,
        launchMicroseconds: 20,
        emulated: true,
      },
      {
        id: 'server',
        host: 'server',
        kind: 'cpu',
        gigaflopsPerSecond: 60,
        memoryGigabytesPerSecond: 10,
        launchMicroseconds: 4,
      },
    ],
    links: [{ from: 'pi', to: 'server', megabitsPerSecond: 20, roundTripMilliseconds: 2, bothWays: true }],
    source: 'pi',
  });
}
