import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cluster } from '../cluster/cluster.ts';
import { randomProblem } from '../plan/random-problem.ts';
import { createRandom } from '../random.ts';
import { bytes } from '../units.ts';
import { clusterBeside } from './cluster-beside.ts';

const { cluster } = randomProblem(createRandom(1), { graph: { kind: 'chain', nodes: 4 } });
const [first] = cluster.devices;
const device = first?.id ?? '';

const withRoom = (room: number): Cluster => ({
  ...cluster,
  hosts: cluster.hosts.map((host) => ({ ...host, memoryBytes: bytes(room) })),
  devices: cluster.devices.map((one) => ({ ...one, memoryBytes: bytes(room) })),
});

describe('clusterBeside', () => {
  it('takes from a device and its host what a plan holds there, the runtime itself once', () => {
    const held = [{ device, memoryBytes: bytes(110), overheadBytes: bytes(10) }];
    const left = clusterBeside(withRoom(1000), held);
    for (const { id, memoryBytes } of left.devices) expect(memoryBytes).toBe(id === device ? 900 : 1000);
    for (const { id, memoryBytes } of left.hosts) expect(memoryBytes).toBe(id === first?.host ? 900 : 1000);
    expect(left.links).toEqual(cluster.links);
  });

  it('leaves room for just what fits beside the plan', () => {
    const some = fc.nat(1e6);
    fc.assert(
      fc.property(
        some,
        fc.integer({ min: 1, max: 1e6 }),
        fc.nat(1e5),
        fc.nat(3e6),
        (own, other, overhead, room) => {
          const held = [{ device, memoryBytes: bytes(own + overhead), overheadBytes: bytes(overhead) }];
          const left = clusterBeside(withRoom(room), held).devices.find(({ id }) => id === device);
          const fits = own + other + overhead <= room;
          expect(other + overhead <= (left?.memoryBytes ?? -1)).toBe(fits);
        },
      ),
    );
  });
});
