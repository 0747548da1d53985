import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Device, DeviceId } from '@tandem/core';
import { UnsupportedError } from '@tandem/core';
import { numberList } from '../probe/number-list.ts';

export type Command = readonly [string, ...string[]];

/** The processors that this process may use; null where the system does not tell. */
export function allowedCores(): readonly number[] | null {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    return numberList(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? null);
  } catch {
    return null;
  }
}

/**
 * Processors of its own for each device: as many as it has threads, in the order given. Throws UnsupportedError when `cores` are too few
 * or unknown.
 */
export function coresOf(
  devices: readonly Pick<Device, 'id' | 'threads'>[],
  cores: readonly number[] | null,
): ReadonlyMap<DeviceId, readonly number[]> {
  const wanted = devices.reduce((sum, { threads }) => sum + threads, 0);
  if (cores === null || wanted > cores.length) {
    throw new UnsupportedError(
      `agents started here want ${wanted} processors of their own, and this process may use ${cores?.length ?? 'nobody knows how many'}`,
      'Leave --pin out, or start fewer agents here.',
    );
  }
  let next = 0;
  return new Map(devices.map(({ id, threads }) => [id, cores.slice(next, (next += threads))]));
}

/** The same command on these processors only. Throws UnsupportedError where there is no `taskset`. */
export function pinned(command: Command, cores: readonly number[]): Command {
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' });
  } catch (cause) {
    throw new UnsupportedError(
      'agents cannot be kept on processors of their own: there is no taskset',
      'Install util-linux, or leave --pin out.',
      { cause },
    );
  }
  return ['taskset', '--cpu-list', cores.join(), ...command];
}
