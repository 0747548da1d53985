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
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else reportFailure(createOutput(wantsJson), error);
}

function ownVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { readonly version: string };
  return version;
}
