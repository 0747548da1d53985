import { z } from 'zod';
import type { InputTensor } from '../input/picture-tensor.ts';

/** What the measuring process is asked: one session of one sub-model. */
export interface MeasureRequest {
  readonly path: string;
  readonly inputs: readonly InputTensor[];
  readonly threads: number;
  /** Null = measure speed, without the runtime's own recording. */
  readonly profilePrefix: string | null;
}

const quantity = z.number().min(0);

/** What it answers. */
export const measureAnswer: z.ZodType<MeasureAnswer> = z.union([
  z.object({
    loadSeconds: quantity,
    coldSeconds: quantity,
    warmSeconds: quantity,
    memoryBytes: quantity,
  }),
  z.object({ error: z.object({ name: z.string(), message: z.string(), remedy: z.string() }) }),
]);

export type MeasureAnswer = Measured | { readonly error: { name: string; message: string; remedy: string } };

export interface Measured {
  readonly loadSeconds: number;
  /** The session's first run. */
  readonly coldSeconds: number;
  /** Median of the runs after it. */
  readonly warmSeconds: number;
  /** Resident memory gained by the peak. */
  readonly memoryBytes: number;
}
