import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Names the clock behind `systemClock`: the same text in all processes that read the same one. Linux counts from the boot, plus an
 * offset of the time namespace. '' where the system does not tell.
 */
export function systemClockName(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/time')}`;
  } catch {
    return '';
  }
}
