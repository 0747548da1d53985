import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

/** The program, as it was built. */
export const main: string = fileURLToPath(new URL('../packages/cli/dist/main.js', import.meta.url));

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Temporary files of the command land in the test's own folder, where leftovers show. */
export function startCommand(folder: string, arguments_: readonly string[]): ChildProcess {
  return spawn(process.execPath, [main, ...arguments_], { env: { ...process.env, TMPDIR: folder } });
}

export function finished(child: ChildProcess): Promise<Finished> {
  const texts = { stdout: '', stderr: '' };
  child.stdout?.on('data', (data: Buffer) => {
    texts.stdout += data.toString();
  });
  child.stderr?.on('data', (data: Buffer) => {
    texts.stderr += data.toString();
  });
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, ...texts })));
}

/** What a command prints that is expected to succeed. */
export async function printed(folder: string, arguments_: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await finished(startCommand(folder, arguments_));
  expect({ status, stderr }, stdout).toMatchObject({ status: 0 });
  return stdout;
}
