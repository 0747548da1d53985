import { errorRecord } from '@tandem/core';

/** How a command answers: one JSON object or text on standard output; progress goes to standard error. */
export interface Output {
  readonly json: boolean;
  /** The answer, once. `text` is called only when a person reads. */
  answer(value: object, text: () => string): void;
  readonly progress: (line: string) => void;
}

export function createOutput(json = false): Output {
  return {
    json,
    answer: (value, text) => process.stdout.write(`${json ? JSON.stringify(value) : text()}\n`),
    progress: (line) => process.stderr.write(`${line}\n`),
  };
}

/** Tells the user what failed, in the form that was asked for. Exit status 1 stands for a failure or a "no". */
export function reportFailure(output: Output, error: unknown): void {
  const record = errorRecord(error);
  if (output.json) process.stdout.write(`${JSON.stringify({ error: record })}\n`);
  else process.stderr.write(`${record.name}: ${record.message}\n${record.remedy}\n`);
  if (!output.json && process.env['TANDEM_TRACE'] !== undefined) process.stderr.write(`${stackOf(error)}\n`);
  process.exitCode = 1;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
