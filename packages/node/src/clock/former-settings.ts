import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RefusedError } from '@tandem/core';
import { z } from 'zod';
import type { ClockEnvironment } from './clock-environment.ts';

/** How something was set before this process changed it, in a file, so that the next start can give it back after a crash. */
export class FormerSettings<Settings> {
  readonly #path: string;
  readonly #environment: ClockEnvironment;
  readonly #file: z.ZodType<{ readonly pid: number; readonly settings: Settings }>;

  constructor(name: string, settings: z.ZodType<Settings>, environment: ClockEnvironment) {
    this.#path = join(environment.stateFolder, `tandem-${name}.json`);
    this.#environment = environment;
    this.#file = z.object({ pid: z.int().min(1), settings });
  }

  /** What a process that has ended left behind. Throws RefusedError while that process lives, and for a file of another form. */
  async leftBehind(): Promise<Settings | null> {
    const text = await readFile(this.#path, 'utf8').catch(() => null);
    if (text === null) return null;
    const read = this.#file.safeParse(jsonOrNull(text));
    if (!read.success)
      throw new RefusedError(
        `${this.#path} does not say how the clocks were set before`,
        'Check the clocks of this machine, then remove the file.',
      );
    const { pid, settings } = read.data;
    if (pid !== this.#environment.pid && this.#environment.isAlive(pid))
      throw new RefusedError(
        `process ${pid} has changed the clocks of this machine, expected them as they were`,
        `Wait until it has ended, or remove ${this.#path} if it is no measurement.`,
      );
    return settings;
  }

  /**
   * Readable by all, so that a measurement without the rights to give them back knows of it. Throws the system's error where settings of
   * another process are kept: they are never written over.
   */
  async save(settings: Settings): Promise<void> {
    const text = JSON.stringify({ pid: this.#environment.pid, settings });
    await writeFile(this.#path, `${text}\n`, { mode: 0o644, flag: 'wx' });
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
