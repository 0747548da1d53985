import type { RowClock } from '@tandem/core';
import { z } from 'zod';
import { type MeasuredCodec, measuredCodec } from './measure-messages.ts';

/** What one process measured. */
export type Sample = SessionSample | CodecSample;

export interface CodecSample {
  readonly pass: number;
  readonly frequencyHertz: number | null;
  readonly codecs: readonly MeasuredCodec[];
}

/** One session's measurement. */
export interface SessionSample {
  readonly batch: number;
  readonly threads: number;
  readonly pass: number;
  readonly segment: string;
  readonly frequencyHertz: number | null;
  /** What it was slowed by; absent at the base. */
  readonly clock?: RowClock | undefined;
  readonly loadSeconds: number;
  readonly coldSeconds: number;
  readonly warmSeconds: number;
  readonly memoryBytes: number;
  /** By node id, where the runtime recorded them; null otherwise. */
  readonly nodeSeconds: readonly number[] | null;
}

const quantity = z.number().min(0);
const codecSample: z.ZodType<CodecSample> = z.object({
  pass: z.int().min(0),
  frequencyHertz: quantity.nullable(),
  codecs: z.array(measuredCodec),
});
const share = z.number().gt(0).lt(1);
const clock: z.ZodType<RowClock> = z.union([
  z.object({ kind: z.enum(['pace', 'quota']), share }),
  z.object({ kind: z.literal('level'), hertz: z.number().gt(0) }),
  z.object({ kind: z.literal('mode'), name: z.string() }),
]);
const sessionSample: z.ZodType<SessionSample> = z.object({
  batch: z.int().min(1),
  threads: z.int().min(1),
  pass: z.int().min(0),
  segment: z.string(),
  frequencyHertz: quantity.nullable(),
  clock: clock.optional(),
  loadSeconds: quantity,
  coldSeconds: quantity,
  warmSeconds: quantity,
  memoryBytes: quantity,
  nodeSeconds: z.array(quantity).nullable(),
});

export const sampleSchema: z.ZodType<Sample> = z.union([sessionSample, codecSample]);
