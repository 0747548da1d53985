import { z } from 'zod';

/** What classify.ts is told: one JSON argument. */
export interface ClassifyOptions {
  readonly dataFolder: string;
  /** By device of the example cluster. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly tokenFile: string;
  readonly timeoutSeconds: number;
}

const topClass = z.object({ index: z.int(), label: z.string() });

export const planLine = z.object({
  why: z.string(),
  stages: z.array(z.object({ device: z.string(), nodes: z.int() })),
  predictedSeconds: z.number(),
});

export const photoLine = z.object({
  photo: z.string(),
  trueClass: z.int().nullable(),
  whole: topClass,
  split: topClass,
  maxRelativeDifference: z.number(),
  measuredSeconds: z.number(),
});

export type PlanLine = z.infer<typeof planLine>;
export type PhotoLine = z.infer<typeof photoLine>;
