import type { Plan } from '@tandem/core';
import { z } from 'zod';
import type { Setting } from '../../packages/cli/src/reproduce/coach-testbed.ts';
import type { AgentReach } from '../papers/papers-testbed.ts';

/** What stepped-process.ts is told first, as one line of JSON. */
export interface SteppedOrder {
  /** At the rate that the plan was made for. */
  readonly setting: Setting;
  readonly plan: Plan;
  readonly slowMotion: number;
  readonly reach: AgentReach;
}

/** What it is asked afterwards, once the link has its rate: a line each. */
export interface PhaseOrder {
  /** Answers that do not count: what was under way at the last rate. */
  readonly settling: number;
  /** So many answers, or all that come within so many seconds from now. */
  readonly counted: number | { readonly seconds: number };
}

export const readyLine = z.object({
  kind: z.literal('ready'),
  /** Why bits are not chosen where they should be; sentences. */
  notes: z.array(z.string()),
});

export const phaseLine = z.object({
  kind: z.literal('phase'),
  /** In the paper's time. */
  requestsPerSecond: z.number(),
  /** Mean of what crossed as affine codes; null = nothing did. */
  meanBits: z.number().nullable(),
  failed: z.int(),
  firstError: z.string().nullable(),
  /** Answers that are not bit for bit the first by the same way and with the same bits. */
  differing: z.int(),
  /** What the end device really took over what it should have. */
  deviceSlowdown: z.number(),
  /** Of the time, what the server was taken. */
  serverShare: z.number(),
});

export type PhaseLine = z.infer<typeof phaseLine>;
