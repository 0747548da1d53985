import { type Bytes, bytes } from '@tandem/core';
import type { DeviceDescription } from '@tandem/runtime';
import type { ControlGroupLimits } from './control-group.ts';
import type { Findings } from './findings.ts';
import type { OperatingSystem } from './operating-system.ts';
import type { SystemFiles } from './system-files.ts';

type Memory = Pick<DeviceDescription, 'memoryBytes' | 'availableMemoryBytes'>;

/** What there is and what is free; a control group's limit where that is less. */
export async function readMemory(
  files: SystemFiles,
  system: OperatingSystem,
  limits: ControlGroupLimits,
  findings: Findings,
): Promise<Memory> {
  const text = (await files.text('proc/meminfo')) ?? '';
  const linux = system.platform === 'linux';
  const total = linux ? kilobytes(text, 'MemTotal') : system.memoryBytes;
  const available = linux ? kilobytes(text, 'MemAvailable') : system.freeMemoryBytes;
  const from = linux ? '/proc/meminfo' : 'node:os';
  const tighter = (value: number | null, limit: number | null): boolean =>
    limit !== null && limit < (value ?? Number.POSITIVE_INFINITY);
  const source = (value: number | null, limit: number | null): string =>
    tighter(value, limit) ? 'the control group' : from;
  const smaller = (value: number | null, limit: number | null): Bytes | null => {
    const least = tighter(value, limit) ? limit : value;
    return least === null ? null : bytes(least);
  };
  const { memoryBytes, availableBytes } = limits;
  const why = '/proc/meminfo does not say';
  return {
    ...findings.note('memoryBytes', smaller(total, memoryBytes), 'read', source(total, memoryBytes), why),
    ...findings.note(
      'availableMemoryBytes',
      smaller(available, availableBytes),
      'read',
      source(available, availableBytes),
      why,
    ),
  };
}

function kilobytes(text: string, key: string): number | null {
  const value = new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
  return value === undefined ? null : Number(value) * 1024;
}
