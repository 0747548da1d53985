import { writeFile } from 'node:fs/promises';
import { InvalidInputError, perfettoTrace, type Trace, traceLines } from '@tandem/core';
import type { Output } from '../output.ts';

/** Where a command is asked to save its trace. */
export interface TraceFiles {
  /** JSON Lines. */
  readonly trace?: string;
  /** For ui.perfetto.dev. */
  readonly perfetto?: string;
}

/** Throws InvalidInputError naming the file that cannot be written. */
export async function saveTrace(
  trace: Trace,
  { trace: lines, perfetto }: TraceFiles,
  output: Output,
): Promise<void> {
  if (lines !== undefined) await save(lines, traceLines(trace), output);
  if (perfetto !== undefined) await save(perfetto, [JSON.stringify(perfettoTrace(trace))], output);
}

async function save(path: string, text: Iterable<string>, { progress }: Output): Promise<void> {
  await writeFile(path, text).catch((cause: unknown) => {
    throw new InvalidInputError(
      `the trace cannot be written to ${path}`,
      'Give a file in a folder you may write to.',
      { cause },
    );
  });
  progress(`saved to ${path}`);
}
