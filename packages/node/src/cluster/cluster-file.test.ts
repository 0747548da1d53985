import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidInputError } from '@tandem/core';
import { afterAll, describe, expect, it } from 'vitest';
import { readClusterFile } from './cluster-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-cluster-'));
afterAll(() => rmSync(folder, { recursive: true }));

const home = `name: home
hosts:
  - { id: pi, memoryGigabytes: 1 }
  - { id: desk, memoryGigabytes: 4 }
devices:
  - { id: pi, host: pi, kind: cpu, gigaflopsPerSecond: 8, memoryGigabytesPerSecond: 3, emulated: true }
  - { id: desk, host: desk, kind: cpu, gigaflopsPerSecond: 60, memoryGigabytesPerSecond: 12 }
links:
  - { from: pi, to: desk, megabitsPerSecond: 20, roundTripMilliseconds: 2, bothWays: true }
`;

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

describe('readClusterFile', () => {
  it('reads a cluster', async () => {
    const cluster = await readClusterFile(file('home.yaml', home));
    expect(cluster.devices.map(({ id, flopsPerSecond }) => [id, flopsPerSecond])).toEqual([
      ['pi', 8e9],
      ['desk', 60e9],
    ]);
    expect(cluster.links.map(({ from, to }) => `${from} > ${to}`)).toEqual(['pi > desk', 'desk > pi']);
  });

  it.each([
    ['an unknown host', home.replace('host: desk', 'host: dusk'), /faulty.yaml:7.*dusk/],
    ['a negative rate', home.replace('Second: 20', 'Second: -20'), /faulty.yaml:9.*-20/],
    ['a repeated key', `${home}name: again\n`, /faulty.yaml:10: Map keys must be unique/],
    ['another encoding', Uint8Array.of(0xff, 0xfe, 0x61), /not UTF-8/],
    ['an oversized file', new Uint8Array(2 ** 20 + 1).fill(0x20), /1048577 bytes, but a cluster description/],
  ])('names the place of %s', async (_, content, message) => {
    const failure = readClusterFile(file('faulty.yaml', content));
    await expect(failure).rejects.toThrow(InvalidInputError);
    await expect(failure).rejects.toThrow(message);
  });
});
