import {
  bitsPerSecond,
  bytes,
  bytesPerSecond,
  flopsPerSecond,
  InvalidInputError,
  parseCluster,
  seconds,
} from '@tandem/core';
import type { DeviceDescription } from '@tandem/runtime';
import { describe, expect, it } from 'vitest';
import { linksText } from './links-text.ts';
import { entriesOf, namedAgents, type ProbedLink } from './probed-agents.ts';

describe('namedAgents', () => {
  it.each([
    ['pi=10.0.0.7:7411', { device: 'pi', address: '10.0.0.7:7411' }],
    ['10.0.0.7:7411', { device: '10.0.0.7-7411', address: '10.0.0.7:7411' }],
    ['[::1]:7411', { device: '1-7411', address: '[::1]:7411' }],
  ])('calls %s what a cluster file may', (text, expected) => {
    expect(namedAgents([text], 'here')).toEqual([expected]);
  });

  it.each([
    [['a=x:1', 'a=y:1'], "two devices are called 'a'"],
    [['here=x:1'], "two devices are called 'here'"],
    [['a/b=x:1'], "called 'a/b'"],
    [['=x:1'], "called ''"],
  ])('refuses %j', (texts, message) => {
    expect(() => namedAgents(texts, 'here')).toThrow(InvalidInputError);
    expect(() => namedAgents(texts, 'here')).toThrow(message);
  });
});

const whole: DeviceDescription = {
  system: 'a test',
  threads: 1,
  memoryBytes: bytes(1e9),
  microarchitecture: {},
  caches: [],
  sensors: {},
  matrixRates: [
    {
      threads: 1,
      size: 8,
      rounds: 1,
      flopsPerSecond: flopsPerSecond(1e9),
      spreadFlopsPerSecond: flopsPerSecond(0),
    },
  ],
  copyRate: {
    blockBytes: bytes(8),
    rounds: 1,
    bytesPerSecond: bytesPerSecond(1e9),
    spreadBytesPerSecond: bytesPerSecond(0),
  },
  sources: [],
  unknown: [],
};
const { memoryBytes: _memory, ...short } = whole;
const link: ProbedLink['link'] = {
  roundTripSeconds: seconds(0.01),
  perMessageSeconds: seconds(0.0001),
  burstBytes: bytes(1600),
  bitsPerSecond: bitsPerSecond(1.9e7),
  transferBytes: bytes(3e6),
  transferSeconds: seconds(1.25),
};
const error = { name: 'RefusedError', message: 'agent b is at work', remedy: 'Wait.' };

describe('what was probed', () => {
  it('becomes a cluster file of the devices that are known and the links between them', () => {
    const devices = [
      { device: 'here', address: null, description: whole },
      { device: 'a', address: 'x:1', description: whole },
      { device: 'b', address: 'y:1', description: short },
    ];
    const links: ProbedLink[] = [
      { from: 'here', to: 'a', link, error: null },
      { from: 'here', to: 'b', link, error: null },
      { from: 'a', to: 'here', link: null, error },
    ];
    const cluster = parseCluster(entriesOf(devices, links));
    expect(cluster.devices.map(({ id, address }) => [id, address])).toEqual([
      ['here', undefined],
      ['a', 'x:1'],
    ]);
    expect(cluster.links).toEqual([
      {
        from: 'here',
        to: 'a',
        rate: { kind: 'constant', bitsPerSecond: 1.9e7 },
        roundTripSeconds: 0.01,
        perMessageSeconds: 0.0001,
        burstBytes: 1600,
      },
    ]);
    expect(entriesOf(devices.slice(2), [])).toBeNull();
  });

  it('says which links could not be measured, and why', () => {
    const text = linksText([
      { from: 'a', to: 'b', link, error: null },
      { from: 'b', to: 'a', link: null, error },
    ]);
    expect(text).toContain('19.00 Mbit/s');
    expect(text).toContain('b to a: agent b is at work');
  });
});
