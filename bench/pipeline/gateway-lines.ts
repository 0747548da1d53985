import { z } from 'zod';
import type { Calibration } from './staged-plan.ts';

/** What gateway-process.ts is told first, as one line of JSON. */
export interface GatewaySetup {
  /** The case's file. */
  readonly path: string;
  readonly calibration: Calibration;
  readonly addresses: Readonly<Record<string, string>>;
  readonly token: string;
}

/** What it is asked afterwards, a line each; it answers each with a line. */
export type GatewayOrder =
  /** Runs the case's requests and writes the trace. */
  | { readonly kind: 'run'; readonly tracePath: string }
  /** Keeps stages busy on their own, the inputs from the gateway; null = without a pause, else one request every so many seconds. */
  | {
      readonly kind: 'load';
      readonly stages: readonly { readonly stage: number; readonly everySeconds: number | null }[];
      readonly seconds: number;
    };

const stageUse = z.object({
  stage: z.int(),
  /** Requests that count. */
  requests: z.int(),
  /** Mean time that the device was taken by one, pacing included, and of that inside ONNX Runtime. */
  busySeconds: z.number(),
  computeSeconds: z.number(),
});

export const readyLine = z.object({ kind: z.literal('ready') });

export const runLine = z.object({
  kind: z.literal('ran'),
  answered: z.int(),
  failed: z.int(),
  /** Answers that differ from that of a request alone. */
  differing: z.int(),
  firstError: z.string().nullable(),
  /** When arrivals began, by systemClock. */
  startSeconds: z.number(),
  endSeconds: z.number(),
  stages: z.array(stageUse),
});

export const loadLine = z.object({ kind: z.literal('loaded'), stages: z.array(stageUse) });

export type RunLine = z.infer<typeof runLine>;
export type LoadLine = z.infer<typeof loadLine>;
export type StageUse = z.infer<typeof stageUse>;
