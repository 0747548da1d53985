import { type Hertz, UnsupportedError } from '@tandem/core';
import type { Actuator, WantedClock } from '@tandem/runtime';

/** The first of several actuators that this machine has, found out when a clock is wanted. Says once which were passed over, and why. */
export class MachineActuator implements Actuator {
  readonly #actuators: readonly Actuator[];
  readonly #log: (line: string) => void;
  #chosen: Actuator | null = null;

  constructor(actuators: readonly Actuator[], log: (line: string) => void) {
    this.#actuators = actuators;
    this.#log = log;
  }

  get name(): string {
    return this.#chosen?.name ?? this.#actuators.map(({ name }) => name).join(' or ');
  }

  async set(clock: WantedClock): Promise<Hertz> {
    if (this.#chosen !== null) return await this.#chosen.set(clock);
    const reasons: string[] = [];
    for (const actuator of this.#actuators)
      try {
        const rate = await actuator.set(clock);
        this.#chosen = actuator;
        if (reasons.length > 0) this.#log(`clocks are set by ${actuator.name}, since ${reasons.join('; ')}`);
        return rate;
      } catch (error) {
        if (!(error instanceof UnsupportedError)) throw error;
        reasons.push(`${actuator.name}: ${error.message}`);
      }
    throw new UnsupportedError(
      `nothing on this machine sets clocks: ${reasons.join('; ')}`,
      'Run the agent as root on a machine whose kernel offers one of them.',
    );
  }

  async release(): Promise<void> {
    await this.#chosen?.release();
  }
}
