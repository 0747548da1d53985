import { errorRecord } from '@tandem/core';
import type { Actuator, ChosenActuator, WantedClock } from '../actuate/actuator.ts';
import type { ClockSet } from '../wire/message.ts';

/** The clock of a device during one session. */
export class AgentClock {
  readonly #choose: ChosenActuator;
  #used: Actuator | null = null;

  constructor(choose: ChosenActuator) {
    this.#choose = choose;
  }

  /** Null = as it was found. A clock that cannot be set is said so, since the plan runs without it, too. */
  async set(clock: WantedClock | null): Promise<ClockSet> {
    const actuator = clock === null ? null : this.#choose(clock);
    if (this.#used !== null && this.#used !== actuator) await this.release();
    if (clock === null || actuator === null)
      return { kind: 'clock-set', actuator: null, hertz: null, reason: clock === null ? null : noActuator };
    const { name } = actuator;
    try {
      this.#used = actuator;
      return { kind: 'clock-set', actuator: name, hertz: await actuator.set(clock), reason: null };
    } catch (error) {
      return { kind: 'clock-set', actuator: name, hertz: null, reason: errorRecord(error).message };
    }
  }

  async release(): Promise<void> {
    await this.#used?.release();
    this.#used = null;
  }
}

const noActuator = 'nothing on this device sets clocks';
