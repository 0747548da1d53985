import type { Hertz } from '@tandem/core';

/**
 * What a device's own sensors read. An agent asks once a second as long as a gateway is there, one call at a time. What cannot be read is
 * absent, and never guessed.
 */
export interface DeviceSensor {
  /** Throws InvalidInputError where what it reads makes no sense; the next call may succeed. */
  read(): Promise<SensorReading>;
}

export interface SensorReading {
  readonly temperatureCelsius?: number;
  /** Where the device slows itself down. */
  readonly limitCelsius?: number;
  /** Whether it does so now. */
  readonly isThrottled?: boolean;
  /** What is left, 0 to 1. */
  readonly batteryShare?: number;
  /** The highest clock that its processors may run at now, heat and limits considered; what they run at while idle says nothing. */
  readonly clockHertz?: Hertz;
  /** The same, of a cool device that nothing limits. */
  readonly highestHertz?: Hertz;
}
