import { z } from 'zod';
import type { InputTensor } from '../input/picture-tensor.ts';

/** What the measuring process is asked. */
export type MeasureRequest = SessionRequest | CodecRequest | IdleRequest;

/** One session of one sub-model. */
export interface SessionRequest {
  readonly path: string;
  readonly inputs: readonly InputTensor[];
  readonly threads: number;
  /** Null = measure speed, without the runtime's own recording. */
  readonly profilePrefix: string | null;
  /** Whether the system stops the process now and then: the mean of more runs then counts, since a median would miss the pauses. @default false */
  readonly paused?: boolean;
}

/** Codecs on activations of these many elements. */
export interface CodecRequest {
  readonly codecElements: readonly number[];
}

/** What an agent holds that has nothing to do. */
export interface IdleRequest {
  readonly idle: true;
}

const quantity = z.number().min(0);
const failure = z.object({ error: z.object({ name: z.string(), message: z.string(), remedy: z.string() }) });

export interface Failure {
  readonly error: { readonly name: string; readonly message: string; readonly remedy: string };
}

/** What it answers to a SessionRequest. */
export const sessionAnswer: z.ZodType<Measured | Failure> = z.union([
  z.object({
    loadSeconds: quantity,
    coldSeconds: quantity,
    warmSeconds: quantity,
    memoryBytes: quantity,
  }),
  failure,
]);

export interface Measured {
  readonly loadSeconds: number;
  /** The session's first run. */
  readonly coldSeconds: number;
  /** Median of the runs after it (their mean where the process is paused), each with its weights pushed out of the processor's caches. */
  readonly warmSeconds: number;
  /** Resident memory gained by the peak. */
  readonly memoryBytes: number;
}

/** Medians of the runs after a few to warm up. */
export interface MeasuredCodec {
  /** As `codecName` gives it. */
  readonly codec: string;
  readonly elements: number;
  readonly encodeSeconds: number;
  readonly decodeSeconds: number;
}

export const measuredCodec: z.ZodType<MeasuredCodec> = z.object({
  codec: z.string(),
  elements: z.int().min(1),
  encodeSeconds: quantity,
  decodeSeconds: quantity,
});

/** What it answers to a CodecRequest. */
export const codecAnswer: z.ZodType<readonly MeasuredCodec[] | Failure> = z.union([
  z.array(measuredCodec),
  failure,
]);

export interface MeasuredIdle {
  readonly idleBytes: number;
}

/** What it answers to an IdleRequest. */
export const idleAnswer: z.ZodType<MeasuredIdle | Failure> = z.union([
  z.object({ idleBytes: z.int().min(0) }),
  failure,
]);
