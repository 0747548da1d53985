import { execFile } from 'node:child_process';
import { errorCode } from '../files/error-code.ts';
import { type ControlFiles, controlFiles } from './control-files.ts';

/** What the controls of this machine's clock work with; tests give something else. */
export interface ClockEnvironment {
  readonly files: ControlFiles;
  /** What a tool prints on both outputs, whatever its exit status; null where it is missing or takes longer than 10 s. */
  readonly run: (tool: string, args: readonly string[]) => Promise<string | null>;
  /** Where former settings are kept meanwhile: only who may change clocks should be able to write there. @default '/run' */
  readonly stateFolder: string;
  readonly pid: number;
  readonly isAlive: (pid: number) => boolean;
}

export function thisMachine(): ClockEnvironment {
  return { files: controlFiles(), run, stateFolder: '/run', pid: process.pid, isAlive };
}

function run(tool: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const options = { timeout: 10_000, maxBuffer: 1_048_576, killSignal: 'SIGKILL' } as const;
    const child = execFile(tool, args, options, (error, printed, complaints) =>
      resolve(error !== null && typeof error.code !== 'number' ? null : `${printed}\n${complaints}`),
    );
    // A tool that asks something gets no answer.
    child.stdin?.end();
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
