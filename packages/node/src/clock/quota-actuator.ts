import { type Hertz, hertz, UnsupportedError } from '@tandem/core';
import type { Actuator, WantedClock } from '@tandem/runtime';
import type { ClockControl } from './clock-control.ts';
import type { ClockEnvironment } from './clock-environment.ts';
import { groupOf, quotaControl, readQuota, recoverQuota } from './quota-control.ts';

/**
 * Gives this process less of the processors' time instead of a lower clock, by a control group of its own: what computes takes as much
 * longer. Nothing is changed before the first `set`, nor by one that wants the highest clock.
 */
export class QuotaActuator implements Actuator {
  readonly name = 'quota';
  readonly #environment: ClockEnvironment;
  #control: ClockControl | null = null;
  /** Where this process belongs. */
  #home = '';

  constructor(environment: ClockEnvironment) {
    this.#environment = environment;
  }

  async set({ hertz: wanted, highestHertz, threads }: WantedClock): Promise<Hertz> {
    const { files, pid } = this.#environment;
    const share = wanted / highestHertz;
    if (share >= 1) {
      await this.release();
      return highestHertz;
    }
    this.#control ??= await this.#open();
    await this.#control.set({ kind: 'quota', share }, threads);
    await this.#control.admit(pid);
    const processors = await readQuota(files, await groupOf(this.#environment));
    return hertz((highestHertz * processors) / threads);
  }

  async release(): Promise<void> {
    const { files, pid } = this.#environment;
    const control = this.#control;
    this.#control = null;
    if (control === null) return;
    await files.write(this.#home, String(pid));
    await control.restore();
  }

  async #open(): Promise<ClockControl> {
    await recoverQuota(this.#environment);
    this.#home = await homeOf(this.#environment);
    return await quotaControl([], this.#environment);
  }
}

/** The file through which this process comes back to the group that it is in now, of the hierarchy that has quotas. */
async function homeOf(environment: ClockEnvironment): Promise<string> {
  const { files } = environment;
  const lines = ((await files.read('/proc/self/cgroup')) ?? '').split('\n');
  const group = await groupOf(environment);
  const root = group.slice(0, group.lastIndexOf('/'));
  const own = lines.flatMap((line) => {
    const [, controllers = '', path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    const isOwn = root.endsWith('/cpu') ? controllers.split(',').includes('cpu') : controllers === '';
    return path !== undefined && isOwn ? [`${root}${path === '/' ? '' : path}/cgroup.procs`] : [];
  });
  const [home] = own;
  if (home !== undefined && (await files.read(home)) !== null) return home;
  throw new UnsupportedError(
    'it cannot be told in which control group this process is, so it could not be brought back there',
    'Run as root on Linux, outside of a container.',
  );
}
