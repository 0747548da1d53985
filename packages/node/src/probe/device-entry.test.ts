import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytes, bytesPerSecond, flopsPerSecond, parseCluster } from '@tandem/core';
import type { DeviceDescription } from '@tandem/runtime';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { describeMachine } from './describe-machine.ts';
import { clusterEntries, clusterYaml } from './device-entry.ts';
import { type MachineTree, machineTrees, plant } from './machine-trees.ts';
import { copyBlockBytes } from './measure-copy.ts';

const matrixRate = (threads: number, gigaflops: number) => ({
  threads,
  size: 1024,
  rounds: 3,
  flopsPerSecond: flopsPerSecond(gigaflops * 1e9),
  spreadFlopsPerSecond: flopsPerSecond(0),
});

const measured = {
  matrixRates: [matrixRate(1, 12.34567), matrixRate(2, 20), matrixRate(4, 20)],
  copyRate: {
    blockBytes: bytes(2 ** 26),
    rounds: 7,
    bytesPerSecond: bytesPerSecond(3.5e9),
    spreadBytesPerSecond: bytesPerSecond(0),
  },
};

async function probed(tree: MachineTree): Promise<DeviceDescription> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-machine-'));
  try {
    const described = await describeMachine(await plant(folder, tree));
    const { microarchitecture } = described;
    const rates = { matrixFlopsPerSecond: flopsPerSecond(2e10), copyBytesPerSecond: bytesPerSecond(3.5e9) };
    return { ...described, ...measured, microarchitecture: { ...microarchitecture, ...rates } };
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('the entries of a cluster file', () => {
  it.each(Object.entries(machineTrees))('say of %s what it said of itself', async (_, tree) => {
    const description = await probed(tree);
    const yaml = clusterYaml(clusterEntries(description, 'me', '10.0.0.7:7411') ?? {}, 'measured');
    const { hosts, devices } = parseCluster(parse(yaml));
    expect(hosts).toEqual([{ id: 'me', memoryBytes: description.memoryBytes }]);
    expect(devices).toHaveLength(1);
    expect(devices[0]).toMatchObject({
      threads: 2,
      flopsPerSecond: 2e10,
      memoryBytesPerSecond: 7e9,
      address: '10.0.0.7:7411',
    });
    expect(devices[0]?.frequencies).toEqual(description.frequencies);
    expect(devices[0]?.microarchitecture).toEqual(description.microarchitecture);
  });

  it('are not given where a figure that they need is missing', async () => {
    const description = await probed(machineTrees.laptop);
    const { copyRate: _copy, ...withoutCopy } = description;
    const { memoryBytes: _memory, ...withoutMemory } = description;
    for (const short of [withoutCopy, withoutMemory, { ...description, matrixRates: [] }])
      expect(clusterEntries(short, 'me')).toBeNull();
  });
});

describe('the block that is copied', () => {
  const cache = (mebibytes: number) =>
    ({ level: 3, kind: 'unified', sizeBytes: bytes(mebibytes * 2 ** 20), sharedBy: 8 }) as const;
  it.each([
    ['is at least 64 MiB', [cache(3)], 2 ** 33, 2 ** 26],
    ['is larger than the last cache', [cache(1), cache(200)], 2 ** 33, 400 * 2 ** 20],
    ['is large where no cache is known', [], 2 ** 33, 2 ** 28],
    ['is none where memory is short', [cache(3)], 2 ** 27, null],
    ['is none where the cache is huge', [cache(1024)], 2 ** 40, null],
  ])('%s', (_, caches, availableMemoryBytes, expected) => {
    expect(copyBlockBytes({ caches, availableMemoryBytes })).toBe(expected);
  });
});
