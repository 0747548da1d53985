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

  it('takes figures from the catalogue and traces from files beside it, and then names neither', async () => {
    file('walk.txt', '# seconds Mbit/s\n10 20.5\n11\t0\r\n\n12 3e1\n');
    const cluster = await readClusterFile(
      file(
        'walk.yaml',
        `hosts:
  - { id: pi }
  - { id: desk, memoryGigabytes: 4 }
devices:
  - { id: pi, host: pi, like: raspberry-pi-4b }
  - { id: desk, host: desk, kind: cpu, gigaflopsPerSecond: 60, memoryGigabytesPerSecond: 12 }
links:
  - { from: pi, to: desk, trace: walk.txt, loop: true }
  - { from: desk, to: pi, like: 4g }
`,
      ),
    );
    expect(cluster.links.map(({ rate }) => rate)).toEqual([
      {
        kind: 'trace',
        loop: true,
        points: [
          { seconds: 0, bitsPerSecond: 20.5e6 },
          { seconds: 1, bitsPerSecond: 0 },
          { seconds: 2, bitsPerSecond: 30e6 },
        ],
      },
      { kind: 'constant', bitsPerSecond: 11.22e6 },
    ]);
    expect(JSON.parse(JSON.stringify(cluster))).toEqual(cluster);
    expect(JSON.stringify(cluster)).not.toMatch(/walk|raspberry|4g/);
  });

  const traced = (name: string): string => home.replace('megabitsPerSecond: 20', `trace: ${name}`);
  const fault = (name: string): RegExp => new RegExp(`faulty.yaml:9: links\\[0\\].trace: .*${name}`);

  it.each([
    ['a missing trace', 'none.txt', '', 'none.txt'],
    ['a folder', '.', '', 'is a folder'],
    ['an empty trace', 'empty.txt', '\n', 'empty.txt: the trace has no measurements'],
    ['time that goes back', 'back.txt', '0 1\n2 1\n1 1\n', 'back.txt:3: the line is 1 s earlier'],
    ['text', 'words.txt', '0 1\none two\n', 'words.txt:2: the line is \\"one two\\"'],
    ['an oversized trace', 'large.txt', ' '.repeat(2 ** 22 + 1), 'a trace may have at most'],
    ['another encoding', 'latin.txt', Uint8Array.of(0xff, 0xfe), 'not UTF-8'],
  ])('names cluster file and trace file of %s', async (_, name, content, message) => {
    if (content.length > 0) file(name, content);
    const failure = readClusterFile(file('faulty.yaml', traced(name)));
    await expect(failure).rejects.toThrow(InvalidInputError);
    await expect(failure).rejects.toThrow(fault(message));
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
