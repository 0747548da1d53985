import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClockEnvironment } from './clock-environment.ts';
import { MemoryFiles } from './memory-files.ts';
import { openClocks, recoverClocks } from './open-clocks.ts';

let state = '';
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'tandem-clock-test-'));
});
afterEach(async () => rm(state, { recursive: true }));

const group = { 'cpu.cfs_quota_us': '-1', 'cpu.cfs_period_us': '100000', 'cgroup.procs': '' };

function cpufreq(cpu: number, maximum: number, available?: string): Record<string, string | number> {
  const folder = `/sys/devices/system/cpu/cpu${cpu}/cpufreq`;
  return {
    [`${folder}/cpuinfo_min_freq`]: 600000,
    [`${folder}/cpuinfo_max_freq`]: maximum,
    [`${folder}/scaling_min_freq`]: 600000,
    [`${folder}/scaling_max_freq`]: maximum - 100000,
    ...(available === undefined ? {} : { [`${folder}/scaling_available_frequencies`]: available }),
  };
}

/** As the kernel: no lower limit above the upper one. */
function checked(files: MemoryFiles): MemoryFiles {
  files.refuse = (path, text) => {
    const upper = files.values.get(path.replace('min_freq', 'max_freq'));
    const lower = files.values.get(path.replace('max_freq', 'min_freq'));
    if (path.endsWith('scaling_min_freq')) return Number(text) > Number(upper) ? 'EINVAL' : null;
    if (path.endsWith('scaling_max_freq')) return Number(text) < Number(lower) ? 'EINVAL' : null;
    return null;
  };
  return files;
}

const board = (): MemoryFiles =>
  checked(new MemoryFiles({ ...cpufreq(0, 1500000, '600000 1000000 1500000 '), ...cpufreq(1, 900000) }));

function machine(files: MemoryFiles, more: Partial<ClockEnvironment> = {}): ClockEnvironment {
  return { files, run: async () => null, stateFolder: state, pid: 70, isAlive: () => false, ...more };
}

const limitsOf = ({ values }: MemoryFiles, cpu: number): (string | undefined)[] =>
  ['min', 'max'].map((end) => values.get(`/sys/devices/system/cpu/cpu${cpu}/cpufreq/scaling_${end}_freq`));

const levels = { levels: true, quotas: [] };

describe('levels of cpufreq', () => {
  it('holds each processor at its nearest level, and gives the limits back', async () => {
    const files = board();
    const control = await openClocks(levels, machine(files));
    expect(control.clocks).toEqual([
      { kind: 'level', hertz: 1e9 },
      { kind: 'level', hertz: 6e8 },
    ]);
    await control.set(null, 1);
    expect([limitsOf(files, 0), limitsOf(files, 1)]).toEqual([
      ['1500000', '1500000'],
      ['900000', '900000'],
    ]);
    await control.set(control.clocks[0] ?? null, 1);
    // Two thirds of 900 MHz lie nearest to the lowest of the four steps between 600 and 900 MHz.
    expect([limitsOf(files, 0), limitsOf(files, 1)]).toEqual([
      ['1000000', '1000000'],
      ['600000', '600000'],
    ]);
    expect(await readdir(state)).toEqual(['tandem-cpufreq.json']);
    await control.restore();
    expect([limitsOf(files, 0), limitsOf(files, 1)]).toEqual([
      ['600000', '1400000'],
      ['600000', '800000'],
    ]);
    expect(await readdir(state)).toEqual([]);
  });

  it('takes four steps where the kernel names a range', async () => {
    const control = await openClocks(levels, machine(checked(new MemoryFiles(cpufreq(0, 1500000)))));
    expect(control.clocks.map((clock) => (clock.kind === 'level' ? clock.hertz : 0))).toEqual([
      1.2e9, 9e8, 6e8,
    ]);
  });

  it('gives everything back when a write fails half-way', async () => {
    const files = board();
    const control = await openClocks(levels, machine(files));
    const kernel = files.refuse;
    files.refuse = (path, text) => (text === '900000' ? 'EIO' : kernel(path, text));
    await expect(control.set(null, 1)).rejects.toThrow('could not be set to 1500 MHz (EIO)');
    expect(limitsOf(files, 0)).toEqual(['600000', '1400000']);
    expect(await readdir(state)).toEqual([]);
  });

  it('says how to give back what it cannot, and keeps it for the next start', async () => {
    const files = board();
    const control = await openClocks(levels, machine(files));
    await control.set(null, 1);
    const kernel = files.refuse;
    files.refuse = (path, text) => (path.includes('cpu0') ? 'EACCES' : kernel(path, text));
    await expect(control.restore()).rejects.toMatchObject({
      message: expect.stringContaining('cpu0 (EACCES)'),
      remedy: expect.stringContaining(
        'write 1400000 to /sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq',
      ),
    });
    expect(limitsOf(files, 1)).toEqual(['600000', '800000']);
    files.refuse = kernel;
    expect(await recoverClocks(machine(files, { pid: 71 }))).toHaveLength(1);
    expect(limitsOf(files, 0)).toEqual(['600000', '1400000']);
  });

  it('gives back after a crash, and not while the other measurement runs', async () => {
    const files = board();
    await (await openClocks(levels, machine(files))).set(null, 1);
    const running = machine(files, { pid: 71, isAlive: (pid) => pid === 70 });
    await expect(recoverClocks(running)).rejects.toThrow('process 70 has changed the clocks');
    expect(await recoverClocks(machine(files, { pid: 71 }))).toEqual([
      expect.stringContaining('gave back the clock limits'),
    ]);
    expect(limitsOf(files, 0)).toEqual(['600000', '1400000']);
    expect(await recoverClocks(machine(files, { pid: 71 }))).toEqual([]);
  });

  it('never writes over what another process has kept', async () => {
    const files = board();
    await (await openClocks(levels, machine(files))).set(null, 1);
    const other = await openClocks(levels, machine(files, { pid: 71 }));
    await expect(other.set(other.clocks[0] ?? null, 1)).rejects.toThrow(/could not be set.*EEXIST/);
    await other.restore();
    expect(await recoverClocks(machine(files, { pid: 71 }))).toHaveLength(1);
    expect(limitsOf(files, 0)).toEqual(['600000', '1400000']);
  });

  it('says what can be done where there is nothing, or no right', async () => {
    await expect(openClocks(levels, machine(new MemoryFiles({})))).rejects.toMatchObject({
      name: 'UnsupportedError',
      message: expect.stringMatching(/no clock rates.*\(cpufreq\).*no power modes \(nvpmodel\)/s),
      remedy: expect.stringContaining('--clock quota:0.5'),
    });
    const files = board();
    files.refuse = () => 'EACCES';
    await expect(openClocks(levels, machine(files))).rejects.toThrow('may not be set (EACCES)');
  });
});

describe('power modes of nvpmodel', () => {
  function jetson(obeys: (id: number) => boolean): { mode: number; run: ClockEnvironment['run'] } {
    const tool = {
      mode: 0,
      run: async (_tool: string, [option, id]: readonly string[]) => {
        if (option === '-m' && obeys(Number(id))) tool.mode = Number(id);
        if (option === '-p')
          return 'NVPM VERB: POWER_MODEL: ID=0 NAME=MAXN\nNVPM VERB: POWER_MODEL: ID=1 NAME=5W\n';
        return `NV Power Mode: ${tool.mode === 0 ? 'MAXN' : '5W'}\n${tool.mode}\n`;
      },
    };
    return tool;
  }

  it('switches there and back', async () => {
    const tool = jetson(() => true);
    const control = await openClocks(levels, machine(new MemoryFiles({}), tool));
    expect(control.clocks).toEqual([{ kind: 'mode', name: '5W' }]);
    await control.set(control.clocks[0] ?? null, 1);
    expect([tool.mode, await readdir(state)]).toEqual([1, ['tandem-nvpmodel.json']]);
    await control.set(null, 1);
    expect(tool.mode).toBe(0);
    await control.set(control.clocks[0] ?? null, 1);
    await control.restore();
    expect([tool.mode, await readdir(state)]).toEqual([0, []]);
  });

  it('gives the mode back after a crash', async () => {
    const tool = jetson(() => true);
    const control = await openClocks(levels, machine(new MemoryFiles({}), tool));
    await control.set(control.clocks[0] ?? null, 1);
    expect(await recoverClocks(machine(new MemoryFiles({}), { ...tool, pid: 71 }))).toHaveLength(1);
    expect(tool.mode).toBe(0);
  });

  it('says so when the tool does not switch', async () => {
    const tool = jetson((id) => id === 0);
    const control = await openClocks(levels, machine(new MemoryFiles({}), tool));
    await expect(control.set(control.clocks[0] ?? null, 1)).rejects.toThrow('did not switch to mode 5W');
    expect(await readdir(state)).toEqual([]);
  });
});

describe('quotas', () => {
  const quotas = { levels: false, quotas: [0.5, 0.25] };
  const firstVersion = (): MemoryFiles =>
    new MemoryFiles({ '/sys/fs/cgroup/cpu/cpu.cfs_period_us': 100000 }, group);

  it.each([
    [1, 'first', '10000 20000'],
    [2, 'first', '20000 20000'],
    [4, 'second', '40000 20000'],
  ])('gives %i threads half the time, by groups of the %s version', async (threads, version, expected) => {
    const second = new MemoryFiles(
      { '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io' },
      { 'cpu.max': 'max 100000', 'cgroup.procs': '' },
    );
    const files = version === 'first' ? firstVersion() : second;
    const folder = version === 'first' ? '/sys/fs/cgroup/cpu/tandem-70' : '/sys/fs/cgroup/tandem-70';
    const control = await openClocks(quotas, machine(files));
    await control.set(null, threads);
    await control.admit(500);
    expect(files.writes).toEqual([]);
    await control.set(control.clocks[0] ?? null, threads);
    await control.admit(501);
    const [quota, period] = expected.split(' ');
    const own = await Promise.all(
      ['cpu.cfs_quota_us', 'cpu.cfs_period_us', 'cpu.max', 'cgroup.procs'].map((name) =>
        files.read(`${folder}/${name}`),
      ),
    );
    expect(own).toEqual(version === 'first' ? [quota, period, null, '501'] : [null, null, expected, '501']);
    await control.restore();
    expect(await files.names('/sys/fs/cgroup', /^tandem/)).toEqual([]);
    expect(await files.names('/sys/fs/cgroup/cpu', /^tandem/)).toEqual([]);
  });

  it('removes the group when a write fails half-way', async () => {
    const files = firstVersion();
    const control = await openClocks(quotas, machine(files));
    files.refuse = (path) => (path.endsWith('cfs_period_us') ? 'EINVAL' : null);
    await expect(control.set(control.clocks[0] ?? null, 1)).rejects.toThrow('did not take a quota of 0.5');
    expect(await files.names('/sys/fs/cgroup/cpu', /^tandem/)).toEqual([]);
  });

  it('removes groups that crashed measurements left, unless a process is in them', async () => {
    const files = firstVersion();
    for (const pid of [60, 61, 62]) await files.makeFolder(`/sys/fs/cgroup/cpu/tandem-${pid}`);
    files.values.set('/sys/fs/cgroup/cpu/tandem-61/cgroup.procs', '99');
    const done = await recoverClocks(machine(files, { isAlive: (pid) => pid === 62 }));
    expect(done).toEqual(['removed /sys/fs/cgroup/cpu/tandem-60, left by an earlier measurement']);
    expect(await files.names('/sys/fs/cgroup/cpu', /^tandem/)).toEqual(['tandem-61', 'tandem-62']);
  });

  it('says what can be done where groups cannot be made', async () => {
    await expect(openClocks(quotas, machine(new MemoryFiles({})))).rejects.toThrow('no control groups');
    const files = firstVersion();
    files.refuse = () => 'EACCES';
    await expect(openClocks(quotas, machine(files))).rejects.toThrow('(EACCES)');
  });

  it('leaves the clock at its highest while a quota is measured', async () => {
    const files = checked(
      new MemoryFiles({ ...cpufreq(0, 1500000), '/sys/fs/cgroup/cpu/cpu.cfs_period_us': 100000 }, group),
    );
    const control = await openClocks({ levels: true, quotas: [0.5] }, machine(files));
    await control.set(control.clocks[0] ?? null, 1);
    await control.set(control.clocks.at(-1) ?? null, 1);
    expect(limitsOf(files, 0)).toEqual(['1500000', '1500000']);
    expect(files.values.get('/sys/fs/cgroup/cpu/tandem-70/cpu.cfs_quota_us')).toBe('10000');
    await control.restore();
    expect(limitsOf(files, 0)).toEqual(['600000', '1400000']);
  });
});
