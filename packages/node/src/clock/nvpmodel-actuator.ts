import { type Hertz, UnsupportedError } from '@tandem/core';
import type { Actuator, WantedClock } from '@tandem/runtime';
import type { ClockControl } from './clock-control.ts';
import type { ClockEnvironment } from './clock-environment.ts';
import { highestLimit } from './cpufreq-control.ts';
import { nvpmodelControl, recoverNvpmodel } from './nvpmodel-control.ts';
import { type PowerMode, powerModes } from './power-modes.ts';

/** Where Jetson boards say what their power modes allow. */
const configuration = '/etc/nvpmodel.conf';

/**
 * The power modes of a Jetson board for plans: of those that leave enough processors on, the one whose highest clock is nearest to what is
 * wanted. The board's other clocks (GPU, memory) are then those of the mode, too. Nothing is changed before the first `set`.
 */
export class NvpmodelActuator implements Actuator {
  readonly name = 'nvpmodel';
  readonly #environment: ClockEnvironment;
  #control: ClockControl | null = null;

  constructor(environment: ClockEnvironment) {
    this.#environment = environment;
  }

  async set({ hertz: wanted, highestHertz, threads }: WantedClock): Promise<Hertz> {
    this.#control ??= await this.#open();
    const modes = powerModes((await this.#environment.files.read(configuration)) ?? '');
    const rateOf = ({ highestHertz: own }: PowerMode): number => Math.min(highestHertz, own ?? highestHertz);
    const distance = (mode: PowerMode): number => Math.abs(rateOf(mode) - wanted);
    const able = modes.filter(({ processors }) => processors >= threads);
    const [best] = able.toSorted((one, other) => distance(one) - distance(other) || one.id - other.id);
    if (best === undefined)
      throw new UnsupportedError(
        `${configuration} names ${modes.length} power modes, none of which leaves ${threads} processors on`,
        'Plan with fewer threads for this device, or start the agent with --clocks cpufreq.',
      );
    const { clocks } = this.#control;
    // The mode in which the board was found is the control's base, and not among its clocks.
    const clock = clocks.find((each) => each.kind === 'mode' && each.name === best.name) ?? null;
    await this.#control.set(clock, threads);
    return await highestLimit(this.#environment);
  }

  async release(): Promise<void> {
    await this.#control?.restore();
    this.#control = null;
  }

  async #open(): Promise<ClockControl> {
    await recoverNvpmodel(this.#environment);
    return await nvpmodelControl(this.#environment);
  }
}
