import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeviceDescription } from '@tandem/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeMachine } from './describe-machine.ts';
import { type MachineTree, machineTrees, plant } from './machine-trees.ts';
import { numberList } from './number-list.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-machine-'));
});
afterEach(() => rm(folder, { recursive: true }));

const describeTree = async (tree: MachineTree): Promise<DeviceDescription> =>
  await describeMachine(await plant(folder, tree));

const unknownKeys = ({ unknown }: DeviceDescription): string[] => unknown.map(({ what }) => what);

describe('describeMachine', () => {
  it('reads a laptop', async () => {
    const found = await describeTree(machineTrees.laptop);
    expect(found).toMatchObject({
      processor: 'Intel(R) Core(TM) i5-7200U CPU @ 2.50GHz',
      board: 'ThinkPad T470',
      threads: 4,
      memoryBytes: 8010736 * 1024,
      availableMemoryBytes: 5120000 * 1024,
      frequencies: { kind: 'range', minimumHertz: 4e8, maximumHertz: 3.1e9 },
      frequencyHertz: 700_012_000,
      governor: 'powersave',
    });
    expect(found.microarchitecture).toEqual({
      class: 'laptop',
      cores: 2,
      simdBits: 256,
      fmaUnits: 2,
      level1Bytes: 32768,
      level2Bytes: 262144,
      level3Bytes: 3145728,
      instructionSets: ['sse2', 'sse4.1', 'sse4.2', 'fma', 'f16c', 'avx', 'avx2'],
    });
    expect(found.caches.map(({ kind, sharedBy }) => [kind, sharedBy])).toEqual([
      ['data', 2],
      ['instruction', 2],
      ['unified', 2],
      ['unified', 4],
    ]);
    // Neither the firmware's zone nor the mouse counts.
    expect(found.sensors).toEqual({ temperatureCelsius: 47.5, batteryShare: 0.83, charging: false });
    expect(unknownKeys(found)).toEqual(['powerMode']);
  });

  it('reads a Raspberry Pi, whose kernel lists no caches', async () => {
    const found = await describeTree(machineTrees.raspberry);
    expect(found).toMatchObject({
      processor: 'Arm Cortex-A72',
      board: 'Raspberry Pi 4 Model B Rev 1.4',
      frequencies: { kind: 'levels', levelsHertz: [6e8, 7.5e8, 1e9, 1.5e9] },
      sensors: { temperatureCelsius: 48.686 },
      caches: [],
    });
    expect(found.microarchitecture).toEqual({
      class: 'board',
      cores: 4,
      simdBits: 128,
      instructionSets: ['neon'],
    });
    expect(unknownKeys(found)).toEqual([
      'fmaUnits',
      'level1Bytes',
      'level2Bytes',
      'level3Bytes',
      'powerMode',
      'battery',
    ]);
  });

  it('reads a Jetson: the fastest clock, the cores that are on, sensors that work', async () => {
    const found = await describeTree(machineTrees.jetson);
    expect(found).toMatchObject({
      processor: 'Arm Cortex-A78AE',
      powerMode: '7W_AI',
      frequencyHertz: 1_510_400_000,
      frequencies: { kind: 'levels', levelsHertz: [115_200_000, 729_600_000, 1_510_400_000] },
      sensors: { temperatureCelsius: 51.25 },
    });
    expect(found.microarchitecture).toMatchObject({
      class: 'board',
      cores: 4,
      instructionSets: ['neon', 'fp16', 'dotprod'],
      level3Bytes: 2 ** 21,
    });
  });

  it.each([
    ['version 2', machineTrees.container, { threads: 2, cores: 2, available: 2 ** 30 + 2 ** 29 }],
    ['version 1', machineTrees.olderContainer, { threads: 1, cores: 1, available: 2 ** 30 }],
  ])('keeps within a control group of %s', async (_, tree, { threads, cores, available }) => {
    const found = await describeTree(tree);
    expect(found.threads).toBe(threads);
    expect(found.microarchitecture.cores).toBe(cores);
    expect(found.memoryBytes).toBe(2 ** 31);
    expect(found.availableMemoryBytes).toBe(available);
    const sources = Object.fromEntries(found.sources.map(({ what, from }) => [what, from]));
    expect(sources).toMatchObject({ memoryBytes: 'the control group', threads: "the control group's quota" });
  });

  it('tells what Node.js knows where there is neither /proc nor /sys', async () => {
    const found = await describeTree(machineTrees.mac);
    expect(found).toMatchObject({ processor: 'Apple M1', threads: 8, memoryBytes: 2 ** 33, sensors: {} });
    expect(found.microarchitecture).toEqual({});
    const { why } = found.unknown.find(({ what }) => what === 'cores') ?? {};
    expect(why).toBe('no way to read it on darwin is known');
  });

  it.each(Object.entries(machineTrees))('accounts for every figure of %s once', async (_, tree) => {
    const { sources, unknown } = await describeTree(tree);
    const keys = [...sources, ...unknown].map(({ what }) => what);
    expect(new Set(keys).size).toBe(keys.length);
    for (const { why } of unknown) expect(why).not.toBe('');
  });

  it('takes files of another form for missing', async () => {
    const { files } = machineTrees.laptop;
    const garbled = Object.fromEntries(Object.keys(files).map((path) => [path, '\u0000 }{ 1e9 -\n']));
    const found = await describeTree({ files: garbled });
    expect(found.threads).toBe(4);
    expect(found.microarchitecture).toEqual({});
    expect(found.sensors).toEqual({});
    expect([found.memoryBytes, found.frequencies, found.processor]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('numberList', () => {
  it.each([
    ['0', [0]],
    ['0-2,5', [0, 1, 2, 5]],
    ['', null],
    ['1-', null],
    ['0-99999999', null],
    ['3-1', []],
  ])("reads '%s'", (text, expected) => {
    expect(numberList(text)).toEqual(expected);
  });
});
