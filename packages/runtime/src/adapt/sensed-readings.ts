import type { DynamicsEvent, Hertz, SensedEvent } from '@tandem/core';

/**
 * What a device's sensors told, for `stepDynamics`. A temperature counts by how far it is below the device's limit, so one without a limit
 * says nothing. `plannedHertz` null = the plan goes by the highest clock.
 */
export function sensedReadings(
  { device, celsius, limitCelsius, isThrottled, batteryShare, clockHertz, highestHertz }: SensedEvent,
  plannedHertz: Hertz | null,
): readonly DynamicsEvent[] {
  const readings: DynamicsEvent[] = [];
  if (celsius !== null && limitCelsius !== null)
    readings.push({ kind: 'temperature', device, celsius, limitCelsius });
  if (isThrottled !== null) readings.push({ kind: 'throttle', device, isThrottled });
  if (batteryShare !== null) readings.push({ kind: 'battery', device, share: batteryShare });
  const planned = plannedHertz ?? highestHertz;
  if (clockHertz !== null && planned !== null)
    // A clock above the planned one is not what makes a plan wrong: its times were measured, and say so themselves.
    readings.push({ kind: 'clock', device, share: Math.min(1, clockHertz / planned) });
  return readings;
}
