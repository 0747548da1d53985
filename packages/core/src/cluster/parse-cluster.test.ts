import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../errors.ts';
import { exampleCluster } from './example-cluster.ts';
import { parseCluster } from './parse-cluster.ts';
import { rateAt } from './rate-at.ts';

const host = { id: 'pi', memoryGigabytes: 1 };
const device = {
  id: 'pi',
  host: 'pi',
  kind: 'cpu',
  gigaflopsPerSecond: 8,
  memoryGigabytesPerSecond: 3,
};
const second = { ...device, id: 'desk', host: 'desk' };
const link = { from: 'pi', to: 'desk', megabitsPerSecond: 20 };
const file = {
  hosts: [host, { id: 'desk', memoryBytes: 4e9 }],
  devices: [device, second],
  links: [link],
};

function faultsOf(value: unknown): string[] {
  try {
    parseCluster(value);
  } catch (error) {
    if (error instanceof InvalidInputError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('parseCluster', () => {
  it('turns units into bytes, seconds and rates, and fills in the defaults', () => {
    const cluster = parseCluster({
      ...file,
      name: 'two',
      devices: [
        { ...device, launchMicroseconds: 20, overheadMegabytes: 60, load: 1.5, threads: 2, emulated: true },
        second,
      ],
      links: [{ ...link, roundTripMilliseconds: 2, perMessageMilliseconds: 1 }],
      sink: 'desk',
    });
    expect(cluster).toEqual({
      name: 'two',
      hosts: [
        { id: 'pi', memoryBytes: 1e9 },
        { id: 'desk', memoryBytes: 4e9 },
      ],
      devices: [
        {
          id: 'pi',
          host: 'pi',
          kind: 'cpu',
          memoryBytes: 1e9,
          flopsPerSecond: 8e9,
          memoryBytesPerSecond: 3e9,
          launchSeconds: 20e-6,
          overheadBytes: 60e6,
          load: 1.5,
          threads: 2,
          emulated: true,
        },
        {
          id: 'desk',
          host: 'desk',
          kind: 'cpu',
          memoryBytes: 4e9,
          flopsPerSecond: 8e9,
          memoryBytesPerSecond: 3e9,
          launchSeconds: 0,
          overheadBytes: 0,
          load: 1,
          threads: 1,
          emulated: false,
        },
      ],
      links: [
        {
          from: 'pi',
          to: 'desk',
          rate: { kind: 'constant', bitsPerSecond: 20e6 },
          roundTripSeconds: 0.002,
          perMessageSeconds: 0.001,
        },
      ],
      sink: 'desk',
    });
  });

  it('makes a link for each direction where asked', () => {
    const ends = (links: unknown) => parseCluster({ ...file, links }).links.map(({ from, to }) => [from, to]);
    expect(ends([link])).toEqual([['pi', 'desk']]);
    expect(ends([{ ...link, bothWays: true }])).toEqual([
      ['pi', 'desk'],
      ['desk', 'pi'],
    ]);
    expect(ends([link, { ...link, from: 'desk', to: 'pi' }])).toHaveLength(2);
    expect(parseCluster({ hosts: [host], devices: [device] }).links).toEqual([]);
  });

  const badDevice = (change: object) => ({ ...file, devices: [device, { ...second, ...change }] });
  const badLink = (change: object) => ({ ...file, links: [{ ...link, ...change }] });

  it.each<[string, unknown, string]>([
    ['no object', 7, 'the document is 7, expected an object.'],
    ['nothing', null, 'the document is null, expected an object.'],
    ['no hosts', { devices: [] }, 'hosts is absent, expected a list of at most 1000 entries.'],
    ['no devices', { hosts: [], devices: [] }, 'devices is empty, expected at least one device.'],
    ['an unknown key', { ...file, devces: [] }, "devces is not a known key, did you mean 'devices'?"],
    [
      'a strange key',
      badLink({ colour: 'red' }),
      'links[0].colour is not a known key, expected from, to, like, megabitsPerSecond, shannon, trace, loop, roundTripMilliseconds, perMessageMilliseconds, burstBytes, transmitWatts, receiveWatts, bothWays.',
    ],
    ['a host that is no object', { ...file, hosts: ['pi'] }, 'hosts[0] is "pi", expected an object.'],
    [
      'a host without memory',
      { ...file, hosts: [{ id: 'pi' }, { id: 'desk', memoryBytes: 1 }] },
      "hosts[0] ('pi') states no memory, expected memoryGigabytes or memoryBytes.",
    ],
    [
      'memory stated twice',
      badDevice({ memoryBytes: 1, memoryGigabytes: 1 }),
      'devices[1] has memoryBytes and memoryGigabytes, expected one of them.',
    ],
    [
      'more memory than the host has',
      badDevice({ memoryGigabytes: 5 }),
      "devices[1] ('desk') has 5000000000 bytes of memory, expected at most the 4000000000 of its host 'desk'.",
    ],
    ['the same id twice', badDevice({ id: 'pi' }), "devices[1].id 'pi' is taken by devices[0] already."],
    [
      'an id with spaces',
      badDevice({ id: 'my desk' }),
      `devices[1].id is "my desk", expected a text of 1 to 64 letters, digits, '.', '_' or '-' that starts with a letter or digit.`,
    ],
    [
      'an unknown host',
      badDevice({ host: 'shed' }),
      'devices[1].host is "shed", expected the id of a host in the hosts list.',
    ],
    [
      'an unknown kind',
      badDevice({ kind: 'tpu' }),
      'devices[1].kind is "tpu", expected "cpu" or "gpu" or "npu".',
    ],
    [
      'an address of an imitation',
      badDevice({ emulated: true, address: '10.0.0.7:7700' }),
      "devices[1] ('desk') is emulated and has an address, expected one or the other: only this machine imitates.",
    ],
    [
      'an address without a port',
      badDevice({ address: 'desk' }),
      `devices[1].address is "desk", expected 'HOST:PORT' or 'ws://HOST:PORT'.`,
    ],
    [
      'a load below 1',
      badDevice({ load: 0.5 }),
      'devices[1].load is 0.5, expected a number from 1 to 1000000.',
    ],
    [
      'half a thread',
      badDevice({ threads: 1.5 }),
      'devices[1].threads is 1.5, expected a whole number from 1 to 1024.',
    ],
    [
      'a negative rate',
      badDevice({ gigaflopsPerSecond: -3 }),
      'devices[1].gigaflopsPerSecond is -3, expected a number from 0.000001 to 1000000000.',
    ],
    [
      'a text for a number',
      badDevice({ gigaflopsPerSecond: '8' }),
      'devices[1].gigaflopsPerSecond is "8", expected a number from 0.000001 to 1000000000.',
    ],
    [
      'an unknown end',
      badLink({ to: 'shed' }),
      'links[0].to is "shed", expected the id of a device in the devices list.',
    ],
    ['a link to itself', badLink({ to: 'pi' }), "links[0] joins 'pi' to itself, expected two devices."],
    [
      'the same link twice',
      {
        ...file,
        links: [
          { ...link, bothWays: true },
          { ...link, from: 'desk', to: 'pi' },
        ],
      },
      "links[1] goes from 'desk' to 'pi', as links[0] does already.",
    ],
    [
      'an unknown source',
      { ...file, source: 'shed' },
      'source is "shed", expected the id of a device in the devices list.',
    ],
    [
      'a missing rate',
      badLink({ megabitsPerSecond: undefined }),
      'links[0] states no rate, expected megabitsPerSecond, shannon, trace or like.',
    ],
  ])('refuses %s', (_what, value, sentence) => {
    expect(faultsOf(value)).toContain(sentence);
    expect(faultsOf(value).length).toBeLessThanOrEqual(2);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 0, -1, 1e300, 1e-300, null, [], {}])(
    'refuses the rate %s',
    (rate) => {
      expect(faultsOf(badLink({ megabitsPerSecond: rate }))).toHaveLength(1);
    },
  );

  it('tells all faults at once, each with its place', () => {
    const place = (path: readonly (string | number)[]) => `cluster.yaml:${path.length}`;
    const bad = {
      ...file,
      devices: [
        { ...device, load: 0 },
        { ...second, threads: 0 },
      ],
    };
    expect(() => parseCluster(bad, place)).toThrow(
      /^cluster\.yaml:3: devices\[0\]\.load is 0, .*\ncluster\.yaml:3: devices\[1\]\.threads is 0, .*$/,
    );
  });

  it('stops telling after twenty faults', () => {
    const faults = faultsOf({ ...file, hosts: Array.from({ length: 1000 }, () => 0) });
    expect(faults).toHaveLength(21);
    expect(faults.at(-1)).toBe('… and more.');
  });

  it('answers any JSON with a cluster or an InvalidInputError', () => {
    const nested = fc.oneof(fc.jsonValue(), fc.constantFrom('pi', 'desk', 1, file, device, host, link));
    const values = fc.record(
      {
        hosts: fc.oneof(nested, fc.array(nested)),
        devices: fc.array(nested),
        links: fc.array(nested),
        name: nested,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(values, fc.jsonValue()), (value) => {
        expect(faultsOf(value).every((sentence) => sentence.length > 0)).toBe(true);
      }),
      { numRuns: 500, seed: 31 },
    );
  });
});

describe('exampleCluster', () => {
  it('joins a weak imitated device and this machine', () => {
    const { devices, links, source } = exampleCluster();
    expect(devices.map(({ id, emulated, memoryBytes }) => [id, emulated, memoryBytes])).toEqual([
      ['pi', true, 1e9],
      ['server', false, 4e9],
    ]);
    expect(links.map((link) => [link.from, link.to, rateAt(link, 0), link.roundTripSeconds])).toEqual([
      ['pi', 'server', 20e6, 0.002],
      ['server', 'pi', 20e6, 0.002],
    ]);
    expect(source).toBe('pi');
  });
});
