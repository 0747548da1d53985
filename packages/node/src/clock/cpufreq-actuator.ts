import type { Hertz, RowClock } from '@tandem/core';
import type { Actuator, WantedClock } from '@tandem/runtime';
import type { ClockControl } from './clock-control.ts';
import type { ClockEnvironment } from './clock-environment.ts';
import { cpufreqControl, highestLimit, recoverCpufreq } from './cpufreq-control.ts';

/**
 * The clock levels of this machine's processors (cpufreq) for plans: the level that is nearest to what is wanted. Nothing is changed
 * before the first `set`, which throws RefusedError while another process holds the clocks.
 */
export class CpufreqActuator implements Actuator {
  readonly name = 'cpufreq';
  readonly #environment: ClockEnvironment;
  #control: ClockControl | null = null;

  constructor(environment: ClockEnvironment) {
    this.#environment = environment;
  }

  async set({ hertz: wanted, highestHertz, threads }: WantedClock): Promise<Hertz> {
    this.#control ??= await this.#open();
    const rates = this.#control.clocks.flatMap((clock) =>
      clock.kind === 'level' ? [{ clock, rate: clock.hertz }] : [],
    );
    const { clock } = rates.reduce<{ readonly clock: RowClock | null; readonly rate: number }>(
      (best, each) => (Math.abs(each.rate - wanted) < Math.abs(best.rate - wanted) ? each : best),
      { clock: null, rate: highestHertz },
    );
    await this.#control.set(clock, threads);
    return await highestLimit(this.#environment);
  }

  /** What an agent that was killed had lowered is given back first: what is found then is what the machine's owner had set. */
  async #open(): Promise<ClockControl> {
    await recoverCpufreq(this.#environment);
    return await cpufreqControl(this.#environment);
  }

  async release(): Promise<void> {
    await this.#control?.restore();
    this.#control = null;
  }
}
