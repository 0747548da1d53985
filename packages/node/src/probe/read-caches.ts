import { bytes } from '@tandem/core';
import type { CacheLevel } from '@tandem/runtime';
import { numberList } from './number-list.ts';
import type { SystemFiles } from './system-files.ts';

const kinds: Readonly<Record<string, CacheLevel['kind']>> = {
  Data: 'data',
  Instruction: 'instruction',
  Unified: 'unified',
};

/** The caches that the processor `cpu` reaches, in the kernel's order. */
export async function readCaches(files: SystemFiles, cpu: number): Promise<CacheLevel[]> {
  const folder = `sys/devices/system/cpu/cpu${cpu}/cache`;
  const indices = await files.names(folder, /^index\d+$/);
  const caches = await Promise.all(indices.map((index) => cacheAt(files, `${folder}/${index}`)));
  return caches.filter((cache) => cache !== null);
}

async function cacheAt(files: SystemFiles, folder: string): Promise<CacheLevel | null> {
  const level = await files.number(`${folder}/level`);
  const kind = kinds[(await files.text(`${folder}/type`)) ?? ''];
  const [, count, unit = ''] = /^(\d+)([KM]?)$/.exec((await files.text(`${folder}/size`)) ?? '') ?? [];
  if (level === null || kind === undefined || count === undefined) return null;
  const sharing = numberList(await files.text(`${folder}/shared_cpu_list`));
  const scale = unit === 'M' ? 2 ** 20 : unit === 'K' ? 2 ** 10 : 1;
  return { level, kind, sizeBytes: bytes(Number(count) * scale), sharedBy: sharing?.length ?? 1 };
}

/** Of the caches that hold data at this level; null when the kernel lists none. */
export function dataCacheBytes(caches: readonly CacheLevel[], level: number): CacheLevel['sizeBytes'] | null {
  return caches.find((cache) => cache.level === level && cache.kind !== 'instruction')?.sizeBytes ?? null;
}
