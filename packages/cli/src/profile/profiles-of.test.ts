import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  bytes,
  type Cluster,
  exampleCluster,
  type Graph,
  graphOf,
  inputShapes,
  type ProfileFile,
  seconds,
  writeProfile,
  zooModel,
} from '@tandem/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { profilesOf } from './profiles-of.ts';

const graph: Graph = graphOf(zooModel('cifar-resnet-8'), { batch: 1, modelDigest: 'a'.repeat(64) });
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-profiles-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** The example's devices, the server with so much stated overhead. */
function clusterWith(overhead: number): Cluster {
  const example = exampleCluster();
  const devices = example.devices.map((each) => ({
    ...each,
    overheadBytes: bytes(each.id === 'server' ? overhead : 0),
  }));
  return { ...example, devices };
}

async function overheadsWith(cluster: Cluster, machine: Partial<ProfileFile['machine']>) {
  const path = join(folder, 'profile.json');
  const threads = cluster.devices.find(({ id }) => id === 'server')?.threads ?? 1;
  const file: ProfileFile = {
    model: {
      name: 'cifar-resnet-8',
      digest: graph.modelDigest ?? '',
      nodes: graph.nodes.length,
      batches: [{ batch: 1, inputs: inputShapes(graph) }],
    },
    device: 'elsewhere',
    runtime: 'a runtime',
    machine: { processor: 'a', cores: 1, memoryBytes: bytes(1e9), system: 'b', ...machine },
    passes: 1,
    rows: [
      {
        kind: 'node',
        name: graph.nodes[0]?.name ?? '',
        threads,
        batch: 1,
        frequencyHertz: null,
        state: 'warm',
        seconds: seconds(1),
        spreadSeconds: seconds(0),
      },
    ],
    repeatability: [],
  };
  await writeFile(path, writeProfile(file));
  const { profile, cluster: known } = await profilesOf([`server=${path}`], graph, cluster);
  expect(profile.rows).toHaveLength(1);
  return Object.fromEntries(known.devices.map(({ id, overheadBytes }) => [id, Number(overheadBytes)]));
}

it.each([
  ['what the profile measured where the cluster file states nothing', 0, { runtimeBytes: bytes(70e6) }, 70e6],
  ['what the cluster file states', 5e6, { runtimeBytes: bytes(70e6) }, 5e6],
  ['nothing where neither says', 0, {}, 0],
])('holds against a device %s', async (_, stated, machine, expected) => {
  const overheads = await overheadsWith(clusterWith(stated), machine);
  expect(overheads['server']).toBe(expected);
  expect(Object.entries(overheads).filter(([id, held]) => id !== 'server' && held > 0)).toEqual([]);
});

it('leaves profile and cluster as they are without files', async () => {
  const cluster = clusterWith(1e6);
  expect(await profilesOf([], graph, cluster)).toEqual({ profile: { rows: [], segments: [] }, cluster });
});
