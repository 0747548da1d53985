import { type Hertz, hertz, type RowClock, UnsupportedError } from '@tandem/core';
import type { Actuator, WantedClock } from '@tandem/runtime';
import type { ClockControl } from './clock-control.ts';
import type { ClockEnvironment } from './clock-environment.ts';
import { cpufreqControl } from './cpufreq-control.ts';

/**
 * The clock levels of this machine's processors (cpufreq) for plans: the level that is nearest to what is wanted. Nothing is changed
 * before the first `set`.
 */
export class CpufreqActuator implements Actuator {
  readonly name = 'cpufreq';
  readonly #environment: ClockEnvironment;
  #control: ClockControl | null = null;

  constructor(environment: ClockEnvironment) {
    this.#environment = environment;
  }

  async set({ hertz: wanted, highestHertz, threads }: WantedClock): Promise<Hertz> {
    this.#control ??= await cpufreqControl(this.#environment);
    const { clocks } = this.#control;
    const rates = [
      { clock: null, rate: highestHertz },
      ...clocks.flatMap((clock) => (clock.kind === 'level' ? [{ clock, rate: clock.hertz }] : [])),
    ];
    const { clock } = rates.reduce<{ readonly clock: RowClock | null; readonly rate: number }>(
      (best, each) => (Math.abs(each.rate - wanted) < Math.abs(best.rate - wanted) ? each : best),
      { clock: null, rate: highestHertz },
    );
    await this.#control.set(clock, threads);
    return await limitNow(this.#environment);
  }

  async release(): Promise<void> {
    await this.#control?.restore();
    this.#control = null;
  }
}

/** The highest of the processors' upper limits, as the kernel has them now. */
async function limitNow({ files }: ClockEnvironment): Promise<Hertz> {
  const folder = '/sys/devices/system/cpu';
  const names = await files.names(folder, /^cpu\d+$/);
  const limits = await Promise.all(
    names.map((name) => files.read(`${folder}/${name}/cpufreq/scaling_max_freq`)),
  );
  const highest = Math.max(0, ...limits.map(Number));
  if (highest > 0) return hertz(1000 * highest);
  throw new UnsupportedError(
    `no clock rate can be read back under ${folder}`,
    'Check that the kernel offers cpufreq here.',
  );
}
