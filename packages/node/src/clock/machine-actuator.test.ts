import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hertz } from '@tandem/core';
import type { Actuator } from '@tandem/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClockEnvironment } from './clock-environment.ts';
import { CpufreqActuator } from './cpufreq-actuator.ts';
import { MachineActuator } from './machine-actuator.ts';
import { MemoryFiles } from './memory-files.ts';
import { NvpmodelActuator } from './nvpmodel-actuator.ts';
import { powerModes } from './power-modes.ts';
import { QuotaActuator } from './quota-actuator.ts';

let stateFolder = '';
beforeEach(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), 'tandem-clock-test-'));
});
afterEach(async () => rm(stateFolder, { recursive: true }));

function machine(files: MemoryFiles, run: ClockEnvironment['run'] = async () => null): ClockEnvironment {
  return { files, run, stateFolder, pid: 70, isAlive: () => false };
}

const wanted = (rate: number, threads = 1) => ({
  hertz: hertz(rate),
  highestHertz: hertz(1.479e9),
  threads,
  pacedHertz: null,
});

/** The configuration of a Jetson Nano's two modes, without its comments, as boards carry it (L4T 32). */
const nano = `< PARAM TYPE=FILE NAME=CPU_ONLINE >
CORE_0 /sys/devices/system/cpu/cpu0/online
CORE_1 /sys/devices/system/cpu/cpu1/online

< PARAM TYPE=CLOCK NAME=CPU_A57 >
FREQ_TABLE /sys/devices/system/cpu/cpu0/cpufreq/scaling_available_frequencies
MAX_FREQ /sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq

# MAXN is the NONE power model to release all constraints
< POWER_MODEL ID=0 NAME=MAXN >
CPU_ONLINE CORE_0 1
CPU_ONLINE CORE_1 1
CPU_ONLINE CORE_2 1
CPU_ONLINE CORE_3 1
CPU_A57 MIN_FREQ  0
CPU_A57 MAX_FREQ -1
GPU MIN_FREQ  0
GPU MAX_FREQ -1
EMC MAX_FREQ 0

< POWER_MODEL ID=1 NAME=5W >
CPU_ONLINE CORE_0 1
CPU_ONLINE CORE_1 1
CPU_ONLINE CORE_2 0
CPU_ONLINE CORE_3 0
CPU_A57 MIN_FREQ  0
CPU_A57 MAX_FREQ 918000
GPU MIN_FREQ 0
GPU MAX_FREQ 640000000
EMC MAX_FREQ 1600000000

< PM_CONFIG DEFAULT=0 >
`;

describe('the power modes of a configuration', () => {
  it.each([
    {
      what: "a Jetson Nano's",
      text: nano,
      modes: [
        { id: 0, name: 'MAXN', processors: 4, highestHertz: null },
        { id: 1, name: '5W', processors: 2, highestHertz: 918e6 },
      ],
    },
    {
      what: 'two clusters, of which one has no limit',
      text: '< POWER_MODEL ID=2 NAME=A >\nCPU_ONLINE CORE_0 1\nCPU_DENVER MAX_FREQ 1000\nCPU_A57 MAX_FREQ 2147483647\n',
      modes: [{ id: 2, name: 'A', processors: 1, highestHertz: null }],
    },
    {
      what: 'two clusters with limits',
      text: '< POWER_MODEL ID=2 NAME=A >\nCPU_A78_0 MAX_FREQ 1000\nCPU_A78_1 MAX_FREQ 2000\n',
      modes: [{ id: 2, name: 'A', processors: 0, highestHertz: 2e6 }],
    },
    { what: 'none', text: '', modes: [] },
  ])('are $what', ({ text, modes }) => {
    expect(powerModes(text)).toEqual(modes);
  });
});

/** A Jetson Nano in MAXN, whose tool does what it is told and prints what the real one prints. */
function jetson(): { readonly files: MemoryFiles; readonly run: ClockEnvironment['run'] } {
  const folder = '/sys/devices/system/cpu/cpu0/cpufreq';
  const files = new MemoryFiles({
    '/etc/nvpmodel.conf': nano,
    [`${folder}/scaling_min_freq`]: 102000,
    [`${folder}/scaling_max_freq`]: 1479000,
  });
  let mode = 0;
  const run = async (_tool: string, [option, id]: readonly string[]): Promise<string> => {
    if (option === '-m') mode = Number(id);
    files.values.set(`${folder}/scaling_max_freq`, mode === 0 ? '1479000' : '918000');
    return option === '-p'
      ? 'NVPM VERB: POWER_MODEL: ID=0 NAME=MAXN\nNVPM VERB: POWER_MODEL: ID=1 NAME=5W\n'
      : `NV Power Mode: ${mode === 0 ? 'MAXN' : '5W'}\n${mode}\n`;
  };
  return { files, run };
}

describe('nvpmodel for plans', () => {
  it.each([
    { rate: 1.479e9, threads: 1, got: 1.479e9 },
    { rate: 1.3e9, threads: 1, got: 1.479e9 },
    { rate: 1e9, threads: 2, got: 918e6 },
    { rate: 1e8, threads: 1, got: 918e6 },
    // The slower mode leaves two processors on.
    { rate: 1e8, threads: 4, got: 1.479e9 },
  ])('wanted $rate Hz for $threads threads, reads back $got Hz', async ({ rate, threads, got }) => {
    const { files, run } = jetson();
    const actuator = new NvpmodelActuator(machine(files, run));
    expect(await actuator.set(wanted(rate, threads))).toBe(got);
    await actuator.release();
    await actuator.release();
    expect(await run('nvpmodel', ['-q'])).toContain('MAXN');
    expect(await readdir(stateFolder)).toEqual([]);
  });

  it('refuses where there is no such tool, or no mode for so many threads', async () => {
    const none = new NvpmodelActuator(machine(new MemoryFiles({})));
    await expect(none.set(wanted(1e9))).rejects.toThrow(/no power modes \(nvpmodel\)/);
    const { files, run } = jetson();
    const small = new NvpmodelActuator(machine(files, run));
    await expect(small.set(wanted(1e9, 8))).rejects.toThrow(/none of which leaves 8 processors on/);
  });
});

const firstGroup = { 'cpu.cfs_quota_us': '-1', 'cpu.cfs_period_us': '100000', 'cgroup.procs': '' };
const secondGroup = { 'cpu.max': 'max 100000', 'cgroup.procs': '' };
const versions = {
  first: {
    tree: {
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': 100000,
      '/sys/fs/cgroup/cpu/user/cgroup.procs': '70',
      '/proc/self/cgroup': '4:memory:/m\n2:cpu,cpuacct:/user\n0::/',
    },
    group: firstGroup,
    own: '/sys/fs/cgroup/cpu/tandem-70',
    home: '/sys/fs/cgroup/cpu/user/cgroup.procs',
  },
  second: {
    tree: {
      '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io',
      '/sys/fs/cgroup/user.slice/a/cgroup.procs': '70',
      '/proc/self/cgroup': '0::/user.slice/a',
    },
    group: secondGroup,
    own: '/sys/fs/cgroup/tandem-70',
    home: '/sys/fs/cgroup/user.slice/a/cgroup.procs',
  },
} as const;

describe('a quota for plans', () => {
  it.each(['first', 'second'] as const)(
    'takes time, and gives it back, in groups of the %s version',
    async (version) => {
      const { tree, group, own, home } = versions[version];
      const files = new MemoryFiles(tree, group);
      const actuator = new QuotaActuator(machine(files));
      expect(await actuator.set(wanted(1.479e9))).toBe(1.479e9);
      expect(await files.read(`${own}/cgroup.procs`)).toBeNull();
      expect(await actuator.set(wanted(0.5 * 1.479e9, 2))).toBe(0.5 * 1.479e9);
      expect(await files.read(`${own}/cgroup.procs`)).toBe('70');
      expect(await actuator.set(wanted(0.25 * 1.479e9))).toBe(0.25 * 1.479e9);
      await actuator.release();
      await actuator.release();
      expect(files.writes.at(-1)).toBe(`${home}=70`);
      expect(await files.read(`${own}/cgroup.procs`)).toBeNull();
    },
  );

  it('refuses where there are no groups, or it could not come back', async () => {
    await expect(new QuotaActuator(machine(new MemoryFiles({}))).set(wanted(1e9))).rejects.toThrow(
      /no control groups/,
    );
    const { tree, group } = versions.second;
    const lost = new MemoryFiles({ ...tree, '/proc/self/cgroup': '0::/elsewhere' }, group);
    await expect(new QuotaActuator(machine(lost)).set(wanted(1e9))).rejects.toThrow(/in which control group/);
    expect(lost.writes).toEqual([]);
  });
});

describe('what a machine has', () => {
  const all = (environment: ClockEnvironment): Actuator[] => [
    new CpufreqActuator(environment),
    new NvpmodelActuator(environment),
    new QuotaActuator(environment),
  ];

  it('is found out, and what was passed over is said once', async () => {
    const { tree, group } = versions.second;
    const lines: string[] = [];
    const actuator = new MachineActuator(
      all(machine(new MemoryFiles(tree, group))),
      (line) => void lines.push(line),
    );
    expect(actuator.name).toBe('cpufreq or nvpmodel or quota');
    await actuator.set(wanted(1e9));
    await actuator.set(wanted(1.2e9));
    expect(actuator.name).toBe('quota');
    expect(lines).toEqual([
      expect.stringMatching(
        /^clocks are set by quota, since cpufreq: .*no clock rates.*; nvpmodel: .*no power modes/,
      ),
    ]);
    await actuator.release();
  });

  it('may be nothing', async () => {
    const actuator = new MachineActuator(all(machine(new MemoryFiles({}))), () => undefined);
    await expect(actuator.set(wanted(1e9))).rejects.toMatchObject({
      name: 'UnsupportedError',
      message: expect.stringMatching(/cpufreq: .*nvpmodel: .*quota: /),
    });
    await actuator.release();
  });
});
