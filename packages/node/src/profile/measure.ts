import { type ChildProcess, fork } from 'node:child_process';
import { DeadlineError, ExecutionError, errorFromRecord } from '@tandem/core';
import type { z } from 'zod';
import { withoutTelemetry } from '../execute/without-telemetry.ts';
import { memoryEnvironment } from '../process/memory-environment.ts';
import {
  type CodecRequest,
  codecAnswer,
  type Failure,
  idleAnswer,
  type Measured,
  type MeasuredCodec,
  type MeasureRequest,
  type SessionRequest,
  sessionAnswer,
} from './measure-messages.ts';

/** A session of the largest models loads and runs in a fraction of this. */
const deadlineMilliseconds = 600_000;

/** Given the process before its work begins. */
export type Admit = (pid: number) => Promise<void>;

const anyone: Admit = async () => {};

/**
 * Measures in a fresh process, which has ended when this settles. Throws what `admit` throws, what the session threw, ExecutionError when the process
 * dies, DeadlineError after ten minutes, the signal's reason.
 */
export function measure(
  request: SessionRequest,
  signal: AbortSignal,
  admit: Admit = anyone,
): Promise<Measured> {
  return asked(request, sessionAnswer, signal, admit);
}

/** The same of codecs. */
export function measureCodecs(request: CodecRequest, signal: AbortSignal): Promise<readonly MeasuredCodec[]> {
  return asked(request, codecAnswer, signal, anyone);
}

/** What an agent here holds before it has loaded anything of size, in bytes. */
export async function measureIdle(signal: AbortSignal): Promise<number> {
  return (await asked({ idle: true }, idleAnswer, signal, anyone)).idleBytes;
}

async function asked<Answer extends object>(
  request: MeasureRequest,
  answer: z.ZodType<Answer | Failure>,
  signal: AbortSignal,
  admit: Admit,
): Promise<Answer> {
  signal.throwIfAborted();
  withoutTelemetry();
  const child = fork(program(), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...process.env, ...memoryEnvironment() },
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => {
      if (child.pid === undefined) resolve();
    });
  });
  try {
    const start = async (): Promise<void> => {
      if (child.pid !== undefined) await admit(child.pid);
      if (child.connected) child.send(request);
    };
    return await answerOf(child, start, answer, signal);
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
}

/** Where the compiled entry lies: beside this file, or in dist when this runs from TypeScript source. */
function program(): URL {
  const inSource = import.meta.url.endsWith('.ts');
  return new URL(
    inSource ? '../../dist/profile/measure-process.js' : './measure-process.js',
    import.meta.url,
  );
}

function answerOf<Answer extends object>(
  child: ChildProcess,
  start: () => Promise<void>,
  answer: z.ZodType<Answer | Failure>,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise<Answer>((resolve, reject) => {
    const timer = setTimeout(() => reject(tooLate()), deadlineMilliseconds);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
    child.once('message', (message) => {
      const parsed = answer.safeParse(message);
      if (!parsed.success) reject(ended('gave no measurement'));
      else if ('error' in parsed.data) reject(errorFromRecord(parsed.data.error));
      else resolve(parsed.data);
    });
    child.once('error', (cause) => reject(ended(`failed: ${cause.message}`)));
    child.once('exit', (code, by) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      reject(signal.aborted ? signal.reason : ended(`ended early (${by ?? `status ${code}`})`));
    });
    start().catch(reject);
  });
}

function ended(how: string): ExecutionError {
  return new ExecutionError(
    `The measuring process ${how}.`,
    'Check that the machine has enough free memory for the model, then run the command again: it resumes.',
  );
}

function tooLate(): DeadlineError {
  return new DeadlineError(
    `One measurement took longer than ${deadlineMilliseconds / 1000} s.`,
    'Measure when the machine is free, or take a smaller model.',
  );
}
