import { bytes, bytesPerSecond, flopsPerSecond, hertz } from '@tandem/core';
import { z } from 'zod';
import type { DeviceDescription } from '../probe/device-description.ts';

/** For people's terminals, which control characters would command. */
const words = (characters: number) =>
  z
    .string()
    .max(characters)
    .transform((value) => value.replace(/\p{Cc}/gu, ' '));
const label = words(256);
const sentence = words(4096);
const amount = z.number().min(0).max(1e18);
const count = z.int().min(0).max(1e6);
const size = amount.transform((value) => bytes(value));
const clock = amount.transform((value) => hertz(value));
const computeRate = amount.transform((value) => flopsPerSecond(value));
const copySpeed = amount.transform((value) => bytesPerSecond(value));
const labels = z.array(label).max(100);

const frequencies = z.union([
  z.strictObject({ kind: z.literal('levels'), levelsHertz: z.array(clock).min(1).max(1000) }),
  z.strictObject({ kind: z.literal('range'), minimumHertz: clock, maximumHertz: clock }),
]);

const microarchitecture = z.strictObject({
  class: z
    .enum(['accelerator', 'board', 'browser', 'desktop', 'laptop', 'phone', 'server', 'virtual-machine'])
    .exactOptional(),
  cores: count.min(1).exactOptional(),
  simdBits: count.min(1).exactOptional(),
  fmaUnits: count.min(1).exactOptional(),
  level1Bytes: size.exactOptional(),
  level2Bytes: size.exactOptional(),
  level3Bytes: size.exactOptional(),
  instructionSets: labels.exactOptional(),
  matrixFlopsPerSecond: computeRate.exactOptional(),
  copyBytesPerSecond: copySpeed.exactOptional(),
});

const matrixRate = z.strictObject({
  threads: count.min(1).max(1024),
  size: count,
  rounds: count,
  flopsPerSecond: computeRate,
  spreadFlopsPerSecond: computeRate,
});

const copyRate = z.strictObject({
  blockBytes: size,
  rounds: count,
  bytesPerSecond: copySpeed,
  spreadBytesPerSecond: copySpeed,
});

/** What a device may say about itself: `DeviceDescription` with every length bounded. */
export const descriptionSchema: z.ZodType<DeviceDescription> = z.strictObject({
  processor: label.exactOptional(),
  board: label.exactOptional(),
  system: label,
  threads: count.min(1),
  memoryBytes: size.exactOptional(),
  availableMemoryBytes: size.exactOptional(),
  microarchitecture,
  caches: z
    .array(
      z.strictObject({
        level: count,
        kind: z.enum(['data', 'instruction', 'unified']),
        sizeBytes: size,
        sharedBy: count,
      }),
    )
    .max(100),
  frequencies: frequencies.exactOptional(),
  frequencyHertz: clock.exactOptional(),
  governor: label.exactOptional(),
  powerMode: label.exactOptional(),
  sensors: z.strictObject({
    temperatureCelsius: z.number().min(-274).max(1000).exactOptional(),
    batteryShare: z.number().min(0).max(1).exactOptional(),
    charging: z.boolean().exactOptional(),
  }),
  matrixRates: z.array(matrixRate).max(1024),
  copyRate: copyRate.exactOptional(),
  sources: z
    .array(z.strictObject({ what: label, how: z.enum(['read', 'measured', 'known']), from: sentence }))
    .max(200),
  unknown: z.array(z.strictObject({ what: label, why: sentence })).max(200),
});
