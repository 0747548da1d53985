import { type ModeClock, ResourceError, type RowClock, UnsupportedError } from '@tandem/core';
import { z } from 'zod';
import type { ClockControl } from './clock-control.ts';
import type { ClockEnvironment } from './clock-environment.ts';
import { FormerSettings } from './former-settings.ts';

interface Mode {
  readonly id: number;
  readonly name: string;
}

const formerMode = (environment: ClockEnvironment): FormerSettings<number> =>
  new FormerSettings('nvpmodel', z.int().min(0), environment);

/**
 * The power modes of a Jetson board, which fix clock rates and how many processors run (Jetson developer guide, "Power Mode Controls").
 * The base is the mode that the machine was found in. Throws UnsupportedError where the tool is missing or knows one mode only.
 */
export async function nvpmodelControl(environment: ClockEnvironment): Promise<ClockControl> {
  const listed = (await environment.run('nvpmodel', ['-p', '--verbose'])) ?? '';
  const modes = [...listed.matchAll(/POWER_MODEL: ID=(\d+) NAME=(\S+)/g)].map(
    ([, id, name = '']): Mode => ({ id: Number(id), name }),
  );
  const base = await currentMode(environment);
  if (base === null || modes.length < 2)
    throw new UnsupportedError('there are no power modes (nvpmodel)', 'Only Jetson boards have them.');
  return new Nvpmodel(environment, modes, base);
}

/** Gives back what a crashed measurement left; null where there is nothing, else what was done. Throws as `restore`. */
export async function recoverNvpmodel(environment: ClockEnvironment): Promise<string | null> {
  const record = formerMode(environment);
  const former = await record.leftBehind();
  if (former === null) return null;
  await giveBack(environment, former);
  await record.remove();
  return `gave back power mode ${former}, which an earlier measurement had changed`;
}

class Nvpmodel implements ClockControl {
  readonly clocks: readonly ModeClock[];
  readonly #environment: ClockEnvironment;
  readonly #modes: readonly Mode[];
  readonly #base: number;
  readonly #record: FormerSettings<number>;
  #now: number;
  /** The base is written down. */
  #isKept = false;

  constructor(environment: ClockEnvironment, modes: readonly Mode[], base: number) {
    this.#environment = environment;
    this.#modes = modes;
    this.#base = base;
    this.#now = base;
    this.#record = formerMode(environment);
    this.clocks = modes.filter(({ id }) => id !== base).map(({ name }) => ({ kind: 'mode', name }));
  }

  async set(clock: RowClock | null): Promise<void> {
    const named = clock?.kind === 'mode' ? this.#modes.find(({ name }) => name === clock.name) : undefined;
    const id = named?.id ?? this.#base;
    if (id === this.#now) return;
    if (!this.#isKept) await this.#record.save(this.#base);
    this.#isKept = true;
    this.#now = id;
    if (await switchMode(this.#environment, id)) return;
    await this.restore();
    throw new ResourceError(
      `nvpmodel did not switch to mode ${named?.name ?? id}`,
      'Run as root. A mode that needs a restart of the machine cannot be measured in one go: choose --clock quota:SHARE instead.',
    );
  }

  async admit(): Promise<void> {}

  async restore(): Promise<void> {
    if (this.#now !== this.#base) await giveBack(this.#environment, this.#base);
    this.#now = this.#base;
    if (this.#isKept) await this.#record.remove();
    this.#isKept = false;
  }
}

async function currentMode({ run }: ClockEnvironment): Promise<number | null> {
  const [, id] = /NV Power Mode: \S+\s+(\d+)/.exec((await run('nvpmodel', ['-q'])) ?? '') ?? [];
  return id === undefined ? null : Number(id);
}

async function switchMode(environment: ClockEnvironment, id: number): Promise<boolean> {
  await environment.run('nvpmodel', ['-m', String(id)]);
  return (await currentMode(environment)) === id;
}

async function giveBack(environment: ClockEnvironment, id: number): Promise<void> {
  if (await switchMode(environment, id)) return;
  throw new ResourceError(
    `nvpmodel did not switch back to mode ${id}`,
    `Run \`nvpmodel -m ${id}\` as root, or start \`tandem profile\` again, which tries once more.`,
  );
}
