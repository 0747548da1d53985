import type { ControlGroupLimits } from './control-group.ts';
import { numberList } from './number-list.ts';
import type { OperatingSystem } from './operating-system.ts';
import type { SystemFiles } from './system-files.ts';

export interface Processors {
  /** Logical processors that this process may run on, by the kernel's numbers. */
  readonly allowed: readonly number[];
  /** How many of them the control group lets be busy at once; at least 1. */
  readonly threads: number;
  /** Physical cores behind them, at most `threads`; null where the topology is not told. */
  readonly cores: number | null;
}

export async function readProcessors(
  files: SystemFiles,
  system: OperatingSystem,
  { processors }: ControlGroupLimits,
): Promise<Processors> {
  const status = (await files.text('proc/self/status')) ?? '';
  const listed = numberList(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? null);
  const allowed = listed ?? [...Array(system.parallelism).keys()];
  const quota = processors === null ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(processors));
  const threads = Math.max(1, Math.min(listed?.length ?? system.parallelism, quota));
  const cores = await physicalCores(files, allowed);
  return { allowed, threads, cores: cores === null ? null : Math.min(cores, quota) };
}

async function physicalCores(files: SystemFiles, cpus: readonly number[]): Promise<number | null> {
  const keys = new Set<string>();
  for (const cpu of cpus) {
    const siblings = await files.text(`sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`);
    // A processor that is switched off has no topology.
    if (siblings !== null && numberList(siblings) !== null) keys.add(siblings);
  }
  return keys.size === 0 ? null : keys.size;
}
