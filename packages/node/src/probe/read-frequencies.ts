import { type Frequencies, type Hertz, hertz } from '@tandem/core';
import type { SystemFiles } from './system-files.ts';

export interface FoundFrequencies {
  /** Where they were read. */
  readonly from: string;
  readonly frequencies: Frequencies | null;
  readonly frequencyHertz: Hertz | null;
  readonly governor: string | null;
}

/** The clock of the fastest of these processors: boards have slower ones beside it. Null where Linux's cpufreq is not there to tell. */
export async function readFrequencies(
  files: SystemFiles,
  cpus: readonly number[],
): Promise<FoundFrequencies | null> {
  let fastest: { readonly folder: string; readonly maximum: number } | null = null;
  for (const cpu of cpus) {
    const folder = `sys/devices/system/cpu/cpu${cpu}/cpufreq`;
    const maximum = await files.number(`${folder}/cpuinfo_max_freq`);
    if (maximum !== null && maximum > (fastest?.maximum ?? 0)) fastest = { folder, maximum };
  }
  if (fastest === null) return null;
  const { folder, maximum } = fastest;
  const now = await files.number(`${folder}/scaling_cur_freq`);
  return {
    from: `/${folder}`,
    frequencies: await settable(files, folder, maximum),
    frequencyHertz: now !== null && now > 0 ? fromKilohertz(now) : null,
    governor: await files.text(`${folder}/scaling_governor`),
  };
}

async function settable(files: SystemFiles, folder: string, maximum: number): Promise<Frequencies | null> {
  const listed = ((await files.text(`${folder}/scaling_available_frequencies`)) ?? '').split(' ').map(Number);
  const levels = [...new Set(listed)].filter((level) => level > 0).sort((left, right) => left - right);
  if (levels.length > 0) return { kind: 'levels', levelsHertz: levels.map(fromKilohertz) };
  const minimum = await files.number(`${folder}/cpuinfo_min_freq`);
  if (minimum === null || minimum <= 0 || minimum > maximum) return null;
  return { kind: 'range', minimumHertz: fromKilohertz(minimum), maximumHertz: fromKilohertz(maximum) };
}

const fromKilohertz = (value: number): Hertz => hertz(value * 1000);
