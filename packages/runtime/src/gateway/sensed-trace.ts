import type { DeviceId, Seconds, SensedEvent } from '@tandem/core';
import type { Sensed } from '../wire/message.ts';

/** What a trace says of a device's reading, when it came. */
export function sensedTrace(device: DeviceId, { reading }: Sensed, atSeconds: Seconds): SensedEvent {
  return {
    kind: 'sensed',
    atSeconds,
    device,
    celsius: reading.temperatureCelsius ?? null,
    limitCelsius: reading.limitCelsius ?? null,
    isThrottled: reading.isThrottled ?? null,
    batteryShare: reading.batteryShare ?? null,
    clockHertz: reading.clockHertz ?? null,
    highestHertz: reading.highestHertz ?? null,
  };
}
