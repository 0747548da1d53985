import {
  type Hertz,
  hertz,
  type LevelClock,
  ResourceError,
  type RowClock,
  UnsupportedError,
} from '@tandem/core';
import { z } from 'zod';
import type { ClockControl } from './clock-control.ts';
import type { ClockEnvironment } from './clock-environment.ts';
import type { ControlFiles } from './control-files.ts';
import { FormerSettings } from './former-settings.ts';

/** The limits of one processor's clock, in kHz as the kernel has them. */
interface Limits {
  readonly cpu: number;
  readonly minimum: number;
  readonly maximum: number;
}

interface Processor {
  readonly cpu: number;
  /** Ascending, in kHz. */
  readonly levels: readonly number[];
  readonly former: Limits;
}

const root = '/sys/devices/system/cpu';
const folderOf = (cpu: number): string => `${root}/cpu${cpu}/cpufreq`;
const limits: z.ZodType<Limits[]> = z
  .array(z.object({ cpu: z.int().min(0), minimum: z.int().min(0), maximum: z.int().min(1) }))
  .max(4096);
const formerLimits = (environment: ClockEnvironment): FormerSettings<Limits[]> =>
  new FormerSettings('cpufreq', limits, environment);

/**
 * Holds every processor's clock at a level by raising the lower limit and lowering the upper one to it, which every governor respects
 * (kernel documentation: admin-guide/pm/cpufreq.rst). The base is the highest level. A processor slower than the fastest gets its own
 * level that is nearest in share. Throws UnsupportedError with the reason where there is nothing to choose or no right to.
 */
export async function cpufreqControl(environment: ClockEnvironment): Promise<ClockControl> {
  const { files } = environment;
  const processors = await processorsOf(files);
  const [fastest] = [...processors].sort((left, right) => highest(right) - highest(left));
  if (fastest === undefined || fastest.levels.length < 2)
    throw new UnsupportedError(
      'Linux offers no clock rates to choose from here (cpufreq)',
      'Measure on the machine itself: a virtual one has none.',
    );
  try {
    await files.write(`${folderOf(fastest.cpu)}/scaling_min_freq`, String(fastest.former.minimum));
  } catch (cause) {
    const why = `the clock rates under ${folderOf(fastest.cpu)} may not be set (${messageOf(cause)})`;
    throw new UnsupportedError(why, 'Run as root.', { cause });
  }
  return new Cpufreq(environment, processors, fastest);
}

/** Gives back what a crashed measurement left; null where there is nothing, else what was done. Throws as `restore`. */
export async function recoverCpufreq(environment: ClockEnvironment): Promise<string | null> {
  const record = formerLimits(environment);
  const former = await record.leftBehind();
  if (former === null) return null;
  await giveBack(environment.files, former);
  await record.remove();
  return 'gave back the clock limits that an earlier measurement had changed';
}

/** The highest of the processors' upper limits, as the kernel has them now. Throws UnsupportedError where none can be read. */
export async function highestLimit({ files }: ClockEnvironment): Promise<Hertz> {
  const limitsNow = await Promise.all((await cpusOf(files)).map((cpu) => limitsOf(files, cpu)));
  const highest = Math.max(0, ...limitsNow.map((each) => each?.maximum ?? 0));
  if (highest > 0) return hertz(1000 * highest);
  throw new UnsupportedError(
    `no clock rate can be read back under ${root}`,
    'Check that the kernel offers cpufreq here.',
  );
}

class Cpufreq implements ClockControl {
  readonly clocks: readonly LevelClock[];
  readonly #files: ControlFiles;
  readonly #processors: readonly Processor[];
  readonly #fastest: Processor;
  readonly #record: FormerSettings<Limits[]>;
  #changed = false;

  constructor(environment: ClockEnvironment, processors: readonly Processor[], fastest: Processor) {
    this.#files = environment.files;
    this.#processors = processors;
    this.#fastest = fastest;
    this.#record = formerLimits(environment);
    this.clocks = fastest.levels
      .slice(0, -1)
      .reverse()
      .map((level) => ({ kind: 'level', hertz: level * 1000 }));
  }

  async set(clock: RowClock | null): Promise<void> {
    const top = highest(this.#fastest);
    const share = clock?.kind === 'level' ? clock.hertz / 1000 / top : 1;
    try {
      if (!this.#changed) await this.#record.save(this.#processors.map(({ former }) => former));
      this.#changed = true;
      for (const { cpu, levels } of this.#processors) {
        const level = nearest(levels, share * (levels.at(-1) ?? 0));
        await setLimits(this.#files, { cpu, minimum: level, maximum: level });
      }
    } catch (cause) {
      await this.restore();
      throw new ResourceError(
        `the clock could not be set to ${Math.round(share * top) / 1000} MHz (${messageOf(cause)})`,
        'Check that nothing else sets the clocks of this machine, then run the command again: it resumes.',
        { cause },
      );
    }
  }

  async admit(): Promise<void> {}

  async restore(): Promise<void> {
    if (!this.#changed) return;
    await giveBack(
      this.#files,
      this.#processors.map(({ former }) => former),
    );
    await this.#record.remove();
    this.#changed = false;
  }
}

async function processorsOf(files: ControlFiles): Promise<Processor[]> {
  const found = await Promise.all((await cpusOf(files)).map((cpu) => processorOf(files, cpu)));
  return found.filter((each) => each !== null);
}

const cpusOf = async (files: ControlFiles): Promise<number[]> =>
  (await files.names(root, /^cpu\d+$/)).map((name) => Number(name.slice(3)));

/** Null for a processor whose clock has no limits. */
async function limitsOf(files: ControlFiles, cpu: number): Promise<Limits | null> {
  const [minimum, maximum] = [
    await numberIn(files, cpu, 'scaling_min_freq'),
    await numberIn(files, cpu, 'scaling_max_freq'),
  ];
  return minimum > 0 && maximum >= minimum ? { cpu, minimum, maximum } : null;
}

const numberIn = async (files: ControlFiles, cpu: number, name: string): Promise<number> =>
  Number(await files.read(`${folderOf(cpu)}/${name}`));

async function processorOf(files: ControlFiles, cpu: number): Promise<Processor | null> {
  const former = await limitsOf(files, cpu);
  if (former === null) return null;
  const listed = (await files.read(`${folderOf(cpu)}/scaling_available_frequencies`))
    ?.split(/\s+/)
    .map(Number);
  const levels = [...new Set(listed)].filter((level) => level > 0).sort((left, right) => left - right);
  if (levels.length > 0) return { cpu, former, levels };
  const range = [
    await numberIn(files, cpu, 'cpuinfo_min_freq'),
    await numberIn(files, cpu, 'cpuinfo_max_freq'),
  ] as const;
  return { cpu, former, levels: steps(...range) };
}

/** Four levels in equal steps, where the kernel names a range only. */
function steps(lowest: number, top: number): number[] {
  if (!(lowest > 0 && top > lowest)) return [];
  return [0, 1, 2, 3].map((step) => Math.round(lowest + (step / 3) * (top - lowest)));
}

const highest = ({ levels }: Processor): number => levels.at(-1) ?? 0;

function nearest(levels: readonly number[], wanted: number): number {
  return levels.reduce(
    (best, level) => (Math.abs(level - wanted) < Math.abs(best - wanted) ? level : best),
    levels[0] ?? 0,
  );
}

/** The kernel refuses a lower limit above the upper one: the lower one goes down first. Throws where a value was not taken. */
async function setLimits(files: ControlFiles, { cpu, minimum, maximum }: Limits): Promise<void> {
  const folder = folderOf(cpu);
  const lowest = await files.read(`${folder}/cpuinfo_min_freq`);
  if (lowest !== null) await files.write(`${folder}/scaling_min_freq`, lowest);
  await files.write(`${folder}/scaling_max_freq`, String(maximum));
  await files.write(`${folder}/scaling_min_freq`, String(minimum));
  const taken = await files.read(`${folder}/scaling_max_freq`);
  if (taken !== String(maximum))
    throw new Error(`cpu${cpu} took ${taken ?? 'nothing'} kHz, expected ${maximum}`);
}

/** Tries every processor before it throws. */
async function giveBack(files: ControlFiles, former: readonly Limits[]): Promise<void> {
  const left: string[] = [];
  const commands: string[] = [];
  for (const each of former)
    try {
      await setLimits(files, each);
    } catch (cause) {
      left.push(`cpu${each.cpu} (${messageOf(cause)})`);
      const folder = folderOf(each.cpu);
      commands.push(`${each.maximum} to ${folder}/scaling_max_freq and ${each.minimum} to scaling_min_freq`);
    }
  if (left.length === 0) return;
  throw new ResourceError(
    `the clock limits could not be given back of ${left.join(', ')}`,
    `As root write ${commands.join('; ')}, or start \`tandem profile\` again, which tries once more.`,
  );
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
