import { type Clock, errorRecord, type Seconds } from '@tandem/core';
import type { DeviceSensor, SensorReading } from './device-sensor.ts';

export interface SensorReportsOptions {
  readonly sensor: DeviceSensor;
  readonly clock: Clock;
  readonly everySeconds: Seconds;
  readonly tell: (reading: SensorReading) => void;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Tells what a sensor reads, again and again, until the signal aborts. A sensor that fails is said once, and asked again. */
export async function reportSensors(options: SensorReportsOptions): Promise<void> {
  const { sensor, clock, everySeconds, tell, log, signal } = options;
  let fault = '';
  while (!signal.aborted) {
    try {
      const reading = await sensor.read();
      if (Object.keys(reading).length > 0 && !signal.aborted) tell(reading);
      fault = '';
    } catch (error) {
      const { message } = errorRecord(error);
      if (message !== fault) log(`a sensor failed: ${message}`);
      fault = message;
    }
    await clock.sleep(everySeconds, signal).catch(() => undefined);
  }
}
