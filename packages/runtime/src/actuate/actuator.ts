import type { Hertz } from '@tandem/core';

/**
 * Brings the clocks that plans ask for to a device. An agent calls `set` when its gateway deploys a plan or sends another clock, one call at
 * a time, and `release` when the gateway leaves.
 */
export interface Actuator {
  readonly name: string;
  /**
   * The device runs at this clock, or the nearest that it has, when this resolves: with what was read back. Throws UnsupportedError where
   * that cannot be, and what the system says where it refuses.
   */
  set(clock: WantedClock): Promise<Hertz>;
  /** The device is set as it was found; idempotent. */
  release(): Promise<void>;
}

/** A clock that a plan sets its device to. */
export interface WantedClock {
  readonly hertz: Hertz;
  /** What the device runs at where no plan sets anything. */
  readonly highestHertz: Hertz;
  /** How many threads compute. */
  readonly threads: number;
  /** The clock for which the deployed stages' paces hold, where the device is imitated; else null. */
  readonly pacedHertz: Hertz | null;
}

/** What a device did about a clock. */
export interface ClockSetting {
  /** By what; null where nothing here sets clocks. */
  readonly actuator: string | null;
  /** Read back; null where it could not be set. */
  readonly hertz: Hertz | null;
  /** Why not; null where it was. */
  readonly reason: string | null;
}

/** Has `paced` see to imitated devices and `machine` to the others. */
export function eitherActuator(paced: Actuator, machine: Actuator | null): ChosenActuator {
  return ({ pacedHertz }) => (pacedHertz === null ? machine : paced);
}

/** Who sees to a clock; null = nobody. */
export type ChosenActuator = (clock: WantedClock) => Actuator | null;
