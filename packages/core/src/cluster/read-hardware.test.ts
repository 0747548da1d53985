import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../errors.ts';
import type { Cluster } from './cluster.ts';
import { parseCluster } from './parse-cluster.ts';
import { rateAt } from './rate-at.ts';

const base = { id: 'pi', host: 'pi', kind: 'cpu', gigaflopsPerSecond: 8, memoryGigabytesPerSecond: 3 };
const desk = { ...base, id: 'desk' };
const link = { from: 'pi', to: 'desk' };
const file = (device: object, rate: object = { megabitsPerSecond: 20 }): unknown => ({
  hosts: [{ id: 'pi', memoryGigabytes: 4 }],
  devices: [device, desk],
  links: [{ ...link, ...rate }],
});
const traces = (name: string): string => {
  if (name === 'walk.txt') return '5 8\n6 0\n';
  throw new InvalidInputError(`${name} does not exist.`, 'Name a file.');
};
const parse = (value: unknown): Cluster => parseCluster(value, undefined, traces);
const device = (change: object) => parse(file({ ...base, ...change })).devices[0];
const rate = (change: object) => parse(file(base, change)).links[0]?.rate;

function faultsOf(value: unknown): string[] {
  try {
    parse(value);
  } catch (error) {
    if (error instanceof InvalidInputError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('a device with hardware keys', () => {
  it.each<[string, object, object]>([
    [
      'levels',
      { frequencies: { levelsMegahertz: [600, 1500.5] } },
      { frequencies: { kind: 'levels', levelsHertz: [600e6, 1500.5e6] } },
    ],
    [
      'a range',
      { frequencies: { minimumMegahertz: 600, maximumMegahertz: 600 } },
      { frequencies: { kind: 'range', minimumHertz: 600e6, maximumHertz: 600e6 } },
    ],
    [
      'a law',
      { power: { idleWatts: 2, staticWatts: 1, dynamicWattsAtMaximum: 4 } },
      { power: { kind: 'law', idleWatts: 2, staticWatts: 1, dynamicWattsAtMaximum: 4, exponent: 3 } },
    ],
    [
      'a table',
      {
        power: {
          idleWatts: 2,
          points: [
            { megahertz: 600, watts: 3 },
            { megahertz: 900, watts: 2.5 },
          ],
        },
      },
      {
        power: {
          kind: 'table',
          idleWatts: 2,
          points: [
            { hertz: 600e6, watts: 3 },
            { hertz: 900e6, watts: 2.5 },
          ],
        },
      },
    ],
    [
      'a microarchitecture',
      {
        microarchitecture: {
          class: 'board',
          cores: 4,
          level1Kibibytes: 32,
          level3Kibibytes: 0.5,
          instructionSets: ['neon'],
          matrixGigaflopsPerSecond: 20,
          copyGigabytesPerSecond: 3,
        },
      },
      {
        microarchitecture: {
          class: 'board',
          cores: 4,
          level1Bytes: 32768,
          level3Bytes: 512,
          instructionSets: ['neon'],
          matrixFlopsPerSecond: 20e9,
          copyBytesPerSecond: 3e9,
        },
      },
    ],
    [
      'labels and a load rate',
      { labels: ['outdoors'], loadMegabytesPerSecond: 40 },
      { labels: ['outdoors'], loadBytesPerSecond: 40e6 },
    ],
  ])('reads %s', (_what, change, expected) => {
    expect(device(change)).toMatchObject(expected);
  });

  it.each<[string, object, string]>([
    [
      'both forms of rates',
      { frequencies: { levelsMegahertz: [1], minimumMegahertz: 1 } },
      'devices[0].frequencies has levelsMegahertz and a range, expected one of the two.',
    ],
    [
      'half a range',
      { frequencies: { minimumMegahertz: 1 } },
      'devices[0].frequencies states no rates, expected levelsMegahertz, or minimumMegahertz and maximumMegahertz.',
    ],
    [
      'no rates',
      { frequencies: { levelsMegahertz: [] } },
      'devices[0].frequencies.levelsMegahertz is empty, expected at least one rate.',
    ],
    [
      'falling rates',
      { frequencies: { levelsMegahertz: [1, 3, 2] } },
      'devices[0].frequencies.levelsMegahertz has 2 MHz after 3 MHz, expected each rate above the one before.',
    ],
    [
      'a range turned round',
      { frequencies: { minimumMegahertz: 2, maximumMegahertz: 1 } },
      'devices[0].frequencies goes from 2 to 1 MHz, expected the lower rate first.',
    ],
    [
      'rates that are no object',
      { frequencies: [600] },
      'devices[0].frequencies is a list, expected an object.',
    ],
    [
      'both forms of power',
      { power: { idleWatts: 1, exponent: 2, points: [] } },
      'devices[0].power has points and a law, expected one of the two.',
    ],
    [
      'half a law',
      { power: { idleWatts: 1, staticWatts: 2 } },
      'devices[0].power states no draw while busy, expected staticWatts and dynamicWattsAtMaximum, or points.',
    ],
    [
      'no idle power',
      { power: { staticWatts: 2, dynamicWattsAtMaximum: 2 } },
      'devices[0].power.idleWatts is absent, expected a number from 0 to 1000000000.',
    ],
    [
      'an empty table',
      { power: { idleWatts: 1, points: [] } },
      'devices[0].power.points is empty, expected at least one rate.',
    ],
    [
      'a table out of order',
      {
        power: {
          idleWatts: 1,
          points: [
            { megahertz: 2, watts: 1 },
            { megahertz: 2, watts: 2 },
          ],
        },
      },
      'devices[0].power.points has 2 MHz after 2 MHz, expected each rate above the one before.',
    ],
    [
      'a point without watts',
      { power: { idleWatts: 1, points: [{ megahertz: 2 }] } },
      'devices[0].power.points[0].watts is absent, expected a number from 0 to 1000000000.',
    ],
    [
      'a class that is none',
      { microarchitecture: { class: 'toaster' } },
      'devices[0].microarchitecture.class is "toaster", expected "accelerator" or "board" or "browser" or "desktop" or "laptop" or "phone" or "server" or "virtual-machine".',
    ],
    [
      'a misspelt cache',
      { microarchitecture: { level1Kilobytes: 32 } },
      "devices[0].microarchitecture.level1Kilobytes is not a known key, did you mean 'level1Kibibytes'?",
    ],
  ])('refuses %s', (_what, change, sentence) => {
    expect(faultsOf(file({ ...base, ...change }))).toEqual([sentence]);
  });
});

describe('a device that is like another', () => {
  const like = (change: object) =>
    device({
      kind: undefined,
      gigaflopsPerSecond: undefined,
      memoryGigabytesPerSecond: undefined,
      ...change,
    });

  it('has the catalogue’s figures', () => {
    expect(like({ like: 'raspberry-pi-4b' })).toMatchObject({
      kind: 'cpu',
      memoryBytes: 4e9,
      flopsPerSecond: 23.8e9,
      threads: 4,
      frequencies: { kind: 'range', minimumHertz: 600e6, maximumHertz: 1800e6 },
      power: { kind: 'law', idleWatts: 2.7 },
      microarchitecture: { class: 'board', cores: 4, level2Bytes: 1048576 },
    });
    expect(like({ like: 'jetson-nano' })).toMatchObject({ kind: 'gpu', threads: 1 });
  });

  it('has its own where it states them, of the microarchitecture trait by trait', () => {
    const own = {
      kind: 'npu',
      gigaflopsPerSecond: 1,
      threads: 2,
      memoryGigabytes: 2,
      frequencies: { levelsMegahertz: [700] },
      microarchitecture: { cores: 2 },
    };
    expect(like({ like: 'raspberry-pi-4b', ...own })).toMatchObject({
      kind: 'npu',
      memoryBytes: 2e9,
      flopsPerSecond: 1e9,
      memoryBytesPerSecond: 5.55e9,
      threads: 2,
      frequencies: { kind: 'levels', levelsHertz: [700e6] },
      microarchitecture: { class: 'board', cores: 2, level2Bytes: 1048576 },
    });
  });

  it('has at most its host’s memory, and gives it to a host that states none', () => {
    expect(like({ like: 'jetson-orin-nx' })?.memoryBytes).toBe(4e9);
    const { hosts, devices } = parse({
      hosts: [{ id: 'pi' }],
      devices: [
        { id: 'pi', host: 'pi', like: 'raspberry-pi-4b', memoryGigabytes: 3 },
        { id: 'gpu', host: 'pi', like: 'jetson-nano' },
        desk,
      ],
    });
    expect(hosts[0]?.memoryBytes).toBe(4e9);
    expect(devices.map(({ memoryBytes }) => memoryBytes)).toEqual([3e9, 4e9, 4e9]);
  });

  it.each<[string, object, string]>([
    [
      'an unknown name',
      { like: 'rasberry-pi-4' },
      `devices[0].like is "rasberry-pi-4", which the catalogue does not have, did you mean 'raspberry-pi-4b'?`,
    ],
    [
      'a name from every object',
      { like: 'constructor' },
      'devices[0].like is "constructor", which the catalogue does not have, expected one of raspberry-pi-3b-plus, ',
    ],
    [
      'a device without a published rate',
      { like: 'google-edge-tpu', memoryGigabytesPerSecond: 1 },
      'devices[0].gigaflopsPerSecond is absent, expected a number from 0.000001 to 1000000000; the catalogue has no such figure of the device that it is like.',
    ],
    [
      'no name at all',
      { memoryGigabytesPerSecond: 1, gigaflopsPerSecond: 1 },
      'devices[0].kind is absent, expected "cpu" or "gpu" or "npu".',
    ],
  ])('refuses %s', (_what, change, sentence) => {
    const { kind: _, gigaflopsPerSecond: __, memoryGigabytesPerSecond: ___, ...bare } = base;
    const faults = faultsOf(file({ ...bare, ...change }));
    expect(faults).toHaveLength(1);
    expect(faults[0]?.startsWith(sentence)).toBe(true);
  });
});

describe('the rate of a link', () => {
  it('is one that the catalogue knows, that of a noisy channel, or a trace', () => {
    expect(rate({ like: 'wifi' })).toEqual({ kind: 'constant', bitsPerSecond: 54.19e6 });
    expect(rate({ like: 'wifi', megabitsPerSecond: 1 })).toEqual({ kind: 'constant', bitsPerSecond: 1e6 });
    expect(rate({ shannon: { bandwidthMegahertz: 20, snrDecibels: 15 } })).toEqual({
      kind: 'shannon',
      bandwidthHertz: 20e6,
      snrDecibels: 15,
    });
    expect(rate({ like: '3g', trace: 'walk.txt', loop: true })).toEqual({
      kind: 'trace',
      loop: true,
      points: [
        { seconds: 0, bitsPerSecond: 8e6 },
        { seconds: 1, bitsPerSecond: 0 },
      ],
    });
  });

  it('is above 0 for the worst channel that can be described', () => {
    const [worst] = parse(file(base, { shannon: { bandwidthMegahertz: 1e-6, snrDecibels: -100 } })).links;
    expect(worst === undefined ? 0 : rateAt(worst, 0)).toBeGreaterThan(0);
  });

  it('is the same both ways, with what sender and receiver draw', () => {
    const { links } = parse(
      file(base, { trace: 'walk.txt', transmitWatts: 1.2, receiveWatts: 0, bothWays: true }),
    );
    expect(links).toHaveLength(2);
    expect(links[1]).toEqual({ ...links[0], from: 'desk', to: 'pi' });
    expect(links[0]).toMatchObject({ transmitWatts: 1.2, receiveWatts: 0 });
  });

  it.each<[string, object, string]>([
    ['none', {}, 'links[0] states no rate, expected megabitsPerSecond, shannon, trace or like.'],
    [
      'two',
      { megabitsPerSecond: 1, trace: 'walk.txt' },
      'links[0] has megabitsPerSecond and trace, expected one of them.',
    ],
    [
      'three',
      { megabitsPerSecond: 1, trace: 'walk.txt', shannon: { bandwidthMegahertz: 1, snrDecibels: 1 } },
      'links[0] has megabitsPerSecond and shannon and trace, expected one of them.',
    ],
    [
      'a loop of nothing',
      { megabitsPerSecond: 1, loop: true },
      'links[0] has loop and no trace, expected it with a trace only.',
    ],
    [
      'an unknown kind',
      { like: '6g' },
      `links[0].like is "6g", which the catalogue does not have, did you mean '3g'?`,
    ],
    [
      'half a channel',
      { shannon: { bandwidthMegahertz: 1 } },
      'links[0].shannon.snrDecibels is absent, expected a number from -100 to 300.',
    ],
    [
      'a channel of endless quality',
      { shannon: { bandwidthMegahertz: 1, snrDecibels: Number.POSITIVE_INFINITY } },
      'links[0].shannon.snrDecibels is Infinity, expected a number from -100 to 300.',
    ],
    ['a trace that is not there', { trace: 'run.txt' }, 'links[0].trace: run.txt does not exist.'],
    [
      'a negative draw',
      { megabitsPerSecond: 1, transmitWatts: -1 },
      'links[0].transmitWatts is -1, expected a number from 0 to 1000000000.',
    ],
  ])('cannot be stated in these ways: %s', (_what, change, sentence) => {
    expect(faultsOf(file(base, change))).toEqual([sentence]);
  });

  it('cannot be a trace where there are no files', () => {
    expect(() => parseCluster(file(base, { trace: 'walk.txt' }))).toThrow(
      /links\[0\]\.trace: there is no file "walk\.txt"/,
    );
  });

  it('bounds the points of all traces together', () => {
    const many = Array.from({ length: 100_000 }, (_, at) => `${at} 1`).join('\n');
    const ids = Array.from({ length: 12 }, (_, at) => `d${at}`);
    const cluster = {
      hosts: [{ id: 'pi', memoryGigabytes: 4 }],
      devices: ids.map((id) => ({ ...base, id })),
      links: ids.slice(1).map((id) => ({ from: 'd0', to: id, trace: 'long.txt' })),
    };
    expect(() => parseCluster(cluster, undefined, () => many)).toThrow(
      /links\[10\]\.trace: .* 1100000 points/,
    );
  });
});

describe('any value at all', () => {
  it('gives a cluster that JSON carries, or faults', () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(0, 1, 600, 1500));
    const object = (keys: readonly string[]) =>
      fc.dictionary(fc.constantFrom(...keys), fc.oneof(number, fc.jsonValue(), fc.array(number)));
    const hardware = fc.record(
      {
        like: fc.constantFrom('jetson-nano', 'google-edge-tpu', 'mu-raspberry-pi-4b', '__proto__', 'x'),
        frequencies: object(['levelsMegahertz', 'minimumMegahertz', 'maximumMegahertz']),
        power: object(['idleWatts', 'staticWatts', 'dynamicWattsAtMaximum', 'exponent', 'points']),
        microarchitecture: object(['class', 'cores', 'simdBits', 'level1Kibibytes', 'instructionSets']),
        labels: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const rates = fc.record(
      {
        like: fc.constantFrom('4g', '__proto__', 'x'),
        megabitsPerSecond: number,
        shannon: object(['bandwidthMegahertz', 'snrDecibels']),
        trace: fc.constantFrom('walk.txt', 'run.txt', ''),
        loop: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(hardware, rates, (change, ways) => {
        const value = file({ ...base, ...change }, ways);
        const faults = faultsOf(value);
        expect(
          faults.every(
            (sentence) => sentence.length > 0 && sentence.endsWith('.') !== sentence.endsWith('?'),
          ),
        ).toBe(true);
        if (faults.length > 0) return;
        const cluster = parse(value);
        expect(JSON.parse(JSON.stringify(cluster))).toEqual(cluster);
      }),
      { numRuns: 500, seed: 52 },
    );
  });
});
