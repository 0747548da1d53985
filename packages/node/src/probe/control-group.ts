import type { SystemFiles } from './system-files.ts';

/** What the control groups of this process allow it; null = no limit. */
export interface ControlGroupLimits {
  /** Processors' worth of time: 1.5 = one and a half. */
  readonly processors: number | null;
  readonly memoryBytes: number | null;
  /** Of `memoryBytes`, not used or only by file pages that can be dropped. */
  readonly availableBytes: number | null;
}

/**
 * Reads versions 1 and 2 of the kernel's control groups, from the process's group up to the root: the tightest limit counts.
 * (kernel documentation: admin-guide/cgroup-v2.rst and admin-guide/cgroup-v1/)
 */
export async function controlGroupLimits(files: SystemFiles): Promise<ControlGroupLimits> {
  const groups = groupsOf((await files.text('proc/self/cgroup')) ?? '');
  const folders = (controller: string): string[] => groups.flatMap((group) => foldersOf(group, controller));
  const quotas = await present(folders('cpu').map((folder) => quota(files, folder)));
  const memories = await present(folders('memory').map((folder) => memory(files, folder)));
  return {
    processors: least(quotas),
    memoryBytes: least(memories.map(({ limit }) => limit)),
    availableBytes: least(memories.map(({ available }) => available)),
  };
}

interface Group {
  /** Empty in version 2. */
  readonly controllers: readonly string[];
  readonly path: string;
}

/** Lines such as '0::/user.slice' (version 2) and '4:cpu,cpuacct:/docker/1f' (version 1). */
function groupsOf(text: string): Group[] {
  return text.split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined || path.includes('..')) return [];
    return [{ controllers: controllers === '' ? [] : controllers.split(','), path }];
  });
}

/** The group's folder and those above it. In a container the path may be the host's: then only the root is there, and it is the group's. */
function foldersOf({ controllers, path }: Group, controller: string): string[] {
  const second = controllers.length === 0;
  if (!second && !controllers.includes(controller)) return [];
  const roots = second
    ? ['sys/fs/cgroup', 'sys/fs/cgroup/unified']
    : [`sys/fs/cgroup/${controller}`, `sys/fs/cgroup/${controllers.join(',')}`];
  const parts = path.split('/').filter((part) => part !== '');
  const paths = parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
  return [...new Set(roots)].flatMap((root) => ['', ...paths].map((each) => `${root}${each}`));
}

async function quota(files: SystemFiles, folder: string): Promise<number | null> {
  const [, most, within] = /^(\d+) (\d+)$/.exec((await files.text(`${folder}/cpu.max`)) ?? '') ?? [];
  if (most !== undefined && within !== undefined) return Number(most) / Number(within);
  const first = await files.number(`${folder}/cpu.cfs_quota_us`);
  const period = await files.number(`${folder}/cpu.cfs_period_us`);
  return first !== null && period !== null && first > 0 && period > 0 ? first / period : null;
}

/** Version 1 states no limit as the largest multiple of a page that fits 63 bits. */
const unlimited = 2 ** 62;

async function memory(
  files: SystemFiles,
  folder: string,
): Promise<{ readonly limit: number; readonly available: number } | null> {
  const limit =
    (await files.number(`${folder}/memory.max`)) ?? (await files.number(`${folder}/memory.limit_in_bytes`));
  if (limit === null || limit >= unlimited) return null;
  const used =
    (await files.number(`${folder}/memory.current`)) ??
    (await files.number(`${folder}/memory.usage_in_bytes`)) ??
    0;
  const statistics = (await files.text(`${folder}/memory.stat`)) ?? '';
  const droppable =
    /^total_inactive_file (\d+)$/m.exec(statistics)?.[1] ??
    /^inactive_file (\d+)$/m.exec(statistics)?.[1] ??
    0;
  return { limit, available: Math.max(0, limit - Math.max(0, used - Number(droppable))) };
}

async function present<Value>(values: readonly Promise<Value | null>[]): Promise<Value[]> {
  return (await Promise.all(values)).filter((value) => value !== null);
}

const least = (values: readonly number[]): number | null =>
  values.length === 0 ? null : Math.min(...values);
