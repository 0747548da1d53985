#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { createOutput, reportFailure } from './output.ts';
import { createProgram } from './program.ts';

/** Exit status: 0 done, 1 the answer is "no" or it failed, 2 wrong usage. */
const wantsJson = process.argv.includes('--json');

try {
  await createProgram(ownVersion()).parseAsync();
} catch (error) {
  if (error instanceof CommanderError) endUsage(error);
  else reportFailure(createOutput(wantsJson), error);
}

/** Commander has told a person already; help and the version are no errors. */
function endUsage({ exitCode, message }: CommanderError): void {
  process.exitCode = exitCode === 0 ? 0 : 2;
  if (exitCode === 0 || !wantsJson) return;
  const error = { name: 'UsageError', message, remedy: 'Run tandem help.' };
  process.stdout.write(`${JSON.stringify({ error })}\n`);
}

function ownVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { readonly version: string };
  return version;
}
