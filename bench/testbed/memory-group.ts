import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { memoryController } from './support.ts';

/** Makes a memory group; the kernel kills a process that would outgrow it (exit status 137). */
export function addMemoryGroup(name: string, limitBytes: number): void {
  const folder = groupFolder(name);
  mkdirSync(folder);
  writeFileSync(`${folder}/memory.limit_in_bytes`, String(limitBytes));
  const withSwap = `${folder}/memory.memsw.limit_in_bytes`;
  if (existsSync(withSwap)) writeFileSync(withSwap, String(limitBytes));
}

export const groupFolder = (name: string): string => `${memoryController}/${name}`;

/** The most that the group held at any time, in bytes, page cache included. */
export function peakMemoryBytes(name: string): number {
  return Number(readFileSync(`${groupFolder(name)}/memory.max_usage_in_bytes`, 'utf8'));
}

export function processesInGroup(name: string): number[] {
  const list = `${groupFolder(name)}/cgroup.procs`;
  return existsSync(list) ? readFileSync(list, 'utf8').split('\n').filter(Boolean).map(Number) : [];
}

/** True when the group is gone; false while the kernel still counts a process in it. */
export function removeMemoryGroup(name: string): boolean {
  try {
    rmdirSync(groupFolder(name));
    return true;
  } catch {
    return !existsSync(groupFolder(name));
  }
}
