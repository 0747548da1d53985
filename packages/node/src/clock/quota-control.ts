import { setTimeout as pause } from 'node:timers/promises';
import { type QuotaClock, ResourceError, type RowClock, UnsupportedError } from '@tandem/core';
import type { ClockControl } from './clock-control.ts';
import type { ClockEnvironment } from './clock-environment.ts';
import type { ControlFiles } from './control-files.ts';

/** Where the kernel's control groups keep the share of processor time: version 1, and version 2. */
const firstVersion = '/sys/fs/cgroup/cpu';
const secondVersion = '/sys/fs/cgroup';

/**
 * Lets the measuring processes run for a share of the time, by a control group of their own (kernel documentation: scheduler/sched-bwc.rst,
 * admin-guide/cgroup-v2.rst). The clock itself keeps its rate. Throws UnsupportedError with the reason where groups may not be made.
 */
export async function quotaControl(
  shares: readonly number[],
  environment: ClockEnvironment,
): Promise<ClockControl> {
  const { files } = environment;
  const group = await groupOf(environment);
  const parent = group.slice(0, group.lastIndexOf('/'));
  try {
    await files.makeFolder(group);
    if (parent === secondVersion && (await files.read(`${group}/cpu.max`)) === null) {
      await files.removeFolder(group);
      throw new Error('the processor controller is not enabled in cgroup.subtree_control');
    }
  } catch (cause) {
    throw new UnsupportedError(`no control group can be made in ${parent} (${messageOf(cause)})`, remedy, {
      cause,
    });
  }
  return new Quota(files, group, shares);
}

/** The group that `quotaControl` makes. Throws UnsupportedError where there are no groups. */
export async function groupOf({ files, pid }: ClockEnvironment): Promise<string> {
  const parent = await parentGroup(files);
  if (parent !== null) return `${parent}/tandem-${pid}`;
  throw new UnsupportedError('this system has no control groups for processor time', remedy);
}

/** How many processors' time the group has, as the kernel says; Infinity = all that there is. */
export async function readQuota(files: ControlFiles, group: string): Promise<number> {
  const second = await files.read(`${group}/cpu.max`);
  const [quota, period] = second?.split(' ') ?? [
    await files.read(`${group}/cpu.cfs_quota_us`),
    await files.read(`${group}/cpu.cfs_period_us`),
  ];
  const processors = Number(quota) / Number(period);
  return processors > 0 ? processors : Number.POSITIVE_INFINITY;
}

const remedy =
  'Run as root on Linux, outside of a container, or choose --clock pace:SHARE, which is arithmetic.';

/** Removes the groups of measurements that crashed, and says which. One with a process in it is left alone. */
export async function recoverQuota({ files, pid, isAlive }: ClockEnvironment): Promise<string | null> {
  const removed: string[] = [];
  for (const parent of [firstVersion, secondVersion])
    for (const name of await files.names(parent, /^tandem-\d+$/)) {
      const group = `${parent}/${name}`;
      const running = await files.read(`${group}/cgroup.procs`);
      const owner = Number(name.slice('tandem-'.length));
      if ((owner !== pid && isAlive(owner)) || running !== '') continue;
      await files.removeFolder(group);
      removed.push(group);
    }
  return removed.length === 0 ? null : `removed ${removed.join(', ')}, left by an earlier measurement`;
}

class Quota implements ClockControl {
  readonly clocks: readonly QuotaClock[];
  readonly #files: ControlFiles;
  readonly #group: string;
  #confines = false;

  constructor(files: ControlFiles, group: string, shares: readonly number[]) {
    this.#files = files;
    this.#group = group;
    this.clocks = shares.map((share) => ({ kind: 'quota', share }));
  }

  async set(clock: RowClock | null, threads: number): Promise<void> {
    this.#confines = clock?.kind === 'quota';
    if (clock?.kind !== 'quota') return;
    try {
      await writeQuota(this.#files, this.#group, clock.share * threads);
    } catch (cause) {
      await this.restore();
      throw new ResourceError(
        `${this.#group} did not take a quota of ${clock.share} for ${threads} threads (${messageOf(cause)})`,
        'Give a larger share, or remove the quota of the group that this machine’s processes are in.',
        { cause },
      );
    }
  }

  async admit(pid: number): Promise<void> {
    if (this.#confines) await this.#files.write(`${this.#group}/cgroup.procs`, String(pid));
  }

  /** The kernel keeps a group while the last of its processes is being cleared away. */
  async restore(): Promise<void> {
    this.#confines = false;
    for (let attempt = 1; ; attempt++)
      try {
        return await this.#files.removeFolder(this.#group);
      } catch (cause) {
        if (isMissing(cause)) return;
        if (attempt === 20)
          throw new ResourceError(
            `the control group ${this.#group} could not be removed (${messageOf(cause)})`,
            `End the processes in it and remove it with \`rmdir ${this.#group}\`.`,
            { cause },
          );
        await pause(50);
      }
  }
}

async function parentGroup(files: ControlFiles): Promise<string | null> {
  if ((await files.read(`${firstVersion}/cpu.cfs_period_us`)) !== null) return firstVersion;
  const controllers = await files.read(`${secondVersion}/cgroup.controllers`);
  return controllers?.split(' ').includes('cpu') === true ? secondVersion : null;
}

/**
 * `processors`: 0.5 = half of one. The kernel takes quotas from 1 ms on, and a processor that work leaves keeps up to 1 ms of its part: at
 * periods of 2 ms half a processor came out as 0.4, at 20 ms as 0.5.
 */
async function writeQuota(files: ControlFiles, group: string, processors: number): Promise<void> {
  const period = Math.max(20_000, Math.ceil(1000 / processors));
  const quota = Math.max(1000, Math.round(period * processors));
  if ((await files.read(`${group}/cpu.max`)) !== null)
    return files.write(`${group}/cpu.max`, `${quota} ${period}`);
  // Without a quota in between, since old quota and new period together might be more than the group above allows.
  await files.write(`${group}/cpu.cfs_quota_us`, '-1');
  await files.write(`${group}/cpu.cfs_period_us`, String(period));
  await files.write(`${group}/cpu.cfs_quota_us`, String(quota));
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
