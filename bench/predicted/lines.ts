import { z } from 'zod';

/** What request-process.ts is told: one JSON argument. */
export interface RequestOptions {
  readonly model: string;
  readonly profile: string;
  readonly link: MeasuredLink;
  /** By device. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly tokenFile: string;
  /** Where both agents find the segments: they would take minutes over the shaped link. */
  readonly store: string;
  readonly budgetSeconds: number;
  readonly fewestRounds: number;
  readonly timeoutSeconds: number;
}

/** What a probe found a link to do with messages of the runtime. */
export interface MeasuredLink {
  readonly bitsPerSecond: number;
  readonly perMessageSeconds: number;
  readonly burstBytes: number;
}

const duration = z.number().min(0);

/** A cut that will be measured, and what is predicted of it. */
export const cutLine = z.object({
  kind: z.literal('cut'),
  cut: z.int(),
  tensor: z.string(),
  bytes: z.int(),
  headSeconds: duration,
  transferSeconds: duration,
  tailSeconds: duration,
  latencySeconds: duration,
});

/** One request under one cut, as measured. */
export const requestLine = z.object({
  kind: z.literal('request'),
  round: z.int(),
  cut: z.int(),
  /** Inside ONNX Runtime, not slowed down. */
  headSeconds: duration,
  /** The time that the paced device was taken. */
  pacedSeconds: duration,
  transferSeconds: duration,
  tailSeconds: duration,
  tailBusySeconds: duration,
  latencySeconds: duration,
});

export const measuredLine: z.ZodType<CutLine | RequestLine> = z.union([cutLine, requestLine]);

export type CutLine = z.infer<typeof cutLine>;
export type RequestLine = z.infer<typeof requestLine>;
