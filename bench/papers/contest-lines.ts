import { z } from 'zod';
import type { Contender, Setting } from '../../packages/cli/src/reproduce/coach-testbed.ts';
import type { AgentReach } from './papers-testbed.ts';

/** Times are so many times the paper's, and the link's rate so many times lower, so that this machine can compute what they compute. */
export const slowMotion: number = 8;

/** Of each stream: every way of a JPS pattern at least once. */
export const streamed: number = 32;

/** What readings-process.ts is told, as one line of JSON; it answers with a `contestLine`. */
export interface ContestOrder {
  readonly setting: Setting;
  readonly contender: Contender;
  readonly reach: AgentReach;
}

/** In the paper's time. */
const readings = z.object({ alone: z.number(), sojourn: z.number(), period: z.number() });

export const contestLine = z.object({
  measured: readings,
  simulated: readings,
  failed: z.int(),
  /** Answers that are not bit for bit the first by the same way. */
  differing: z.int(),
  /** What this machine took for the server's part of a request alone, beyond what the server would; in the paper's time. */
  serverLateSeconds: z.number(),
  /** What the imitated device really took in the streams over what it should have; the largest. */
  deviceSlowdown: z.number(),
});

export type ContestLine = z.infer<typeof contestLine>;
