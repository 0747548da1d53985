import { InvalidInputError, seconds } from '@tandem/core';
import { expect, it } from 'vitest';
import { virtualClock } from '../virtual-clock.ts';
import type { SensorReading } from './device-sensor.ts';
import { reportSensors } from './sensor-reports.ts';

it('tells each reading, nothing for none, a fault once, and ends with its signal', async () => {
  const broken = (): never => {
    throw new InvalidInputError('half a file', 'Write it whole.');
  };
  const reads: (() => SensorReading)[] = [
    () => ({ temperatureCelsius: 40 }),
    () => ({}),
    broken,
    broken,
    () => ({ batteryShare: 0.5 }),
    broken,
  ];
  const told: SensorReading[] = [];
  const lines: string[] = [];
  const clock = virtualClock();
  const life = new AbortController();
  let asked = 0;
  const running = reportSensors({
    sensor: { read: async () => reads[asked++]?.() ?? {} },
    clock,
    everySeconds: seconds(2),
    tell: (reading) => void told.push(reading),
    log: (line) => void lines.push(line),
    signal: life.signal,
  });
  await clock.advance(11);
  expect(asked).toBe(6);
  expect(told).toEqual([{ temperatureCelsius: 40 }, { batteryShare: 0.5 }]);
  expect(lines).toEqual(['a sensor failed: half a file', 'a sensor failed: half a file']);
  life.abort();
  await running;
  await clock.advance(10);
  expect(asked).toBe(6);
});
