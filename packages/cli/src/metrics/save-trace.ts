import { perfettoTrace, type Trace, traceLines } from '@tandem/core';
import type { Output } from '../output.ts';
import { checkSavable, saveFile } from '../save-file.ts';

/** Where a command is asked to save its trace. */
export interface TraceFiles {
  /** JSON Lines. */
  readonly trace?: string;
  /** For ui.perfetto.dev. */
  readonly perfetto?: string;
}

/** Throws InvalidInputError where the files cannot be written: asked before the work. */
export async function checkTraceFiles({ trace, perfetto }: TraceFiles): Promise<void> {
  for (const path of [trace, perfetto]) await checkSavable('the trace', path);
}

/** Throws InvalidInputError naming the file that cannot be written. */
export async function saveTrace(
  trace: Trace,
  { trace: lines, perfetto }: TraceFiles,
  { progress }: Output,
): Promise<void> {
  const save = async (path: string, text: Iterable<string>): Promise<void> => {
    await saveFile('the trace', path, text);
    progress(`saved to ${path}`);
  };
  if (lines !== undefined) await save(lines, traceLines(trace));
  if (perfetto !== undefined) await save(perfetto, [JSON.stringify(perfettoTrace(trace))]);
}
