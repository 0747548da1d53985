import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hertz } from '@tandem/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClockEnvironment } from './clock-environment.ts';
import { CpufreqActuator } from './cpufreq-actuator.ts';
import { MemoryFiles } from './memory-files.ts';

let stateFolder = '';
beforeEach(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), 'tandem-clock-test-'));
});
afterEach(async () => rm(stateFolder, { recursive: true }));

const folder = '/sys/devices/system/cpu/cpu0/cpufreq';

function board(): MemoryFiles {
  return new MemoryFiles({
    [`${folder}/cpuinfo_min_freq`]: 600000,
    [`${folder}/cpuinfo_max_freq`]: 1500000,
    [`${folder}/scaling_min_freq`]: 600000,
    [`${folder}/scaling_max_freq`]: 1400000,
    [`${folder}/scaling_available_frequencies`]: '600000 1000000 1500000',
  });
}

function actuator(files: MemoryFiles, more: Partial<ClockEnvironment> = {}): CpufreqActuator {
  const environment: ClockEnvironment = {
    files,
    run: async () => null,
    stateFolder,
    pid: 70,
    isAlive: () => false,
    ...more,
  };
  return new CpufreqActuator(environment);
}

const wanted = (rate: number) => ({
  hertz: hertz(rate),
  highestHertz: hertz(1.5e9),
  threads: 1,
  pacedHertz: null,
});

describe('cpufreq for plans', () => {
  it.each([
    { rate: 1.5e9, got: 1.5e9 },
    { rate: 1.1e9, got: 1e9 },
    { rate: 1e8, got: 6e8 },
  ])('wanted $rate Hz, reads back $got Hz', async ({ rate, got }) => {
    expect(await actuator(board()).set(wanted(rate))).toBe(got);
  });

  it('gives back what it found, and may be set again', async () => {
    const files = board();
    const own = actuator(files);
    await own.set(wanted(6e8));
    await own.release();
    await own.release();
    expect(files.values.get(`${folder}/scaling_max_freq`)).toBe('1400000');
    expect(await readdir(stateFolder)).toEqual([]);
    expect(await own.set(wanted(1e9))).toBe(1e9);
    await own.release();
  });

  it('gives back what was found at first, after an agent that was killed', async () => {
    const files = board();
    await actuator(files).set(wanted(6e8));
    const next = actuator(files, { pid: 71 });
    expect(await next.set(wanted(1e9))).toBe(1e9);
    await next.release();
    expect(files.values.get(`${folder}/scaling_max_freq`)).toBe('1400000');
    expect(await readdir(stateFolder)).toEqual([]);
  });

  it('leaves the clocks to a living process that holds them', async () => {
    const files = board();
    const first = actuator(files);
    await first.set(wanted(6e8));
    const second = actuator(files, { pid: 71, isAlive: (pid) => pid === 70 });
    await expect(second.set(wanted(1e9))).rejects.toMatchObject({ name: 'RefusedError' });
    await second.release();
    expect(files.values.get(`${folder}/scaling_max_freq`)).toBe('600000');
    await first.release();
    expect(files.values.get(`${folder}/scaling_max_freq`)).toBe('1400000');
  });

  it('refuses where there are no levels', async () => {
    await expect(actuator(new MemoryFiles({})).set(wanted(1e9))).rejects.toThrow(/no clock rates to choose/);
  });
});
