import { hertz, type SensedEvent, seconds } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { sensedReadings } from './sensed-readings.ts';

const nothing: SensedEvent = {
  kind: 'sensed',
  atSeconds: seconds(1),
  device: 'pi',
  celsius: null,
  limitCelsius: null,
  isThrottled: null,
  batteryShare: null,
  clockHertz: null,
  highestHertz: null,
};
const device = 'pi';
const planned = hertz(1e9);

describe('what sensors told, for adaptation', () => {
  it.each([
    { told: {}, plannedHertz: null, events: [] },
    { told: { celsius: 84 }, plannedHertz: null, events: [] },
    {
      told: { celsius: 84, limitCelsius: 85 },
      plannedHertz: null,
      events: [{ kind: 'temperature', device, celsius: 84, limitCelsius: 85 }],
    },
    {
      told: { isThrottled: true, batteryShare: 0.1 },
      plannedHertz: null,
      events: [
        { kind: 'throttle', device, isThrottled: true },
        { kind: 'battery', device, share: 0.1 },
      ],
    },
    { told: { clockHertz: hertz(5e8) }, plannedHertz: null, events: [] },
    {
      told: { clockHertz: hertz(5e8), highestHertz: hertz(2e9) },
      plannedHertz: null,
      events: [{ kind: 'clock', device, share: 0.25 }],
    },
    {
      told: { clockHertz: hertz(5e8), highestHertz: hertz(2e9) },
      plannedHertz: planned,
      events: [{ kind: 'clock', device, share: 0.5 }],
    },
    {
      told: { clockHertz: hertz(2e9), highestHertz: hertz(2e9) },
      plannedHertz: planned,
      events: [{ kind: 'clock', device, share: 1 }],
    },
  ])('$told with a plan at $plannedHertz Hz', ({ told, plannedHertz, events }) => {
    expect(sensedReadings({ ...nothing, ...told }, plannedHertz)).toEqual(events);
  });
});
