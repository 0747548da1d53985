import { z } from 'zod';

/** What request-process.ts is told: one JSON argument. */
export interface MemoryRun {
  /** A network of the zoo. */
  readonly network: string;
  /** The cut whose head holds the share of the parameters that comes closest to this. */
  readonly headShare: number;
  /** By device of `headAndTail`. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly tokenFile: string;
  readonly store: string;
  readonly requests: number;
  readonly timeoutSeconds: number;
}

/** What it prints when every request was answered. */
export const answeredLine = z.object({ answered: z.int() });
