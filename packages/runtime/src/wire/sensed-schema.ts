import { type Hertz, hertz, InvalidInputError } from '@tandem/core';
import { z } from 'zod';
import type { SensorReading } from '../sense/device-sensor.ts';

const celsius = z.number().min(-274).max(1000);
const clock = z
  .number()
  .positive()
  .max(1e12)
  .transform((value): Hertz => hertz(value));

/** What a device may say of its sensors: `SensorReading` with every figure bounded. */
export const sensorReading: z.ZodType<SensorReading> = z.strictObject({
  temperatureCelsius: celsius.exactOptional(),
  limitCelsius: celsius.exactOptional(),
  isThrottled: z.boolean().exactOptional(),
  batteryShare: z.number().min(0).max(1).exactOptional(),
  clockHertz: clock.exactOptional(),
  highestHertz: clock.exactOptional(),
});

/** A reading that somebody wrote down. Throws InvalidInputError naming the first key that is wrong; `where` says where it was. */
export function readingOf(value: unknown, where: string): SensorReading {
  const { success, data, error } = sensorReading.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  throw new InvalidInputError(
    `${where} holds no reading of sensors: ${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? ''}`,
    'Write a JSON object with any of temperatureCelsius, limitCelsius, isThrottled, batteryShare (0 to 1), clockHertz and highestHertz.',
  );
}
