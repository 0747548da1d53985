import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { ConnectionError, DeadlineError, type DeviceId, type Seconds, seconds } from '@tandem/core';
import { type Announcement, readAnnouncement } from './announcement.ts';

/** How a process ended: one of both. */
export interface AgentExit {
  readonly code: number | null;
  readonly signal: string | null;
}

interface AwaitOptions {
  readonly command: readonly [string, ...string[]];
  readonly device: DeviceId;
  readonly signal: AbortSignal;
  readonly deadlineSeconds?: Seconds;
}

/** One that ends is noticed at once; on a small or busy machine a sound one may need long to load its code. */
const mostStartSeconds = seconds(60);

/** The announcement, or whichever comes before it: the end, the deadline, the caller's signal. */
export async function awaitAnnouncement(
  options: AwaitOptions,
  child: ChildProcessWithoutNullStreams,
  exited: Promise<AgentExit>,
  words: () => string,
): Promise<Announcement> {
  const deadline = options.deadlineSeconds ?? mostStartSeconds;
  const settled = new AbortController();
  const end = AbortSignal.any([options.signal, settled.signal]);
  try {
    return await Promise.race([
      readAnnouncement(child.stdout, options.device),
      spawnFailure(child, options),
      exited.then((exit) => Promise.reject(endedEarly(options.device, exit, words()))),
      rejectAfter(deadline, end, () => tooLate(options.device, deadline, words())),
    ]);
  } finally {
    settled.abort();
  }
}

function spawnFailure(child: ChildProcessWithoutNullStreams, options: AwaitOptions): Promise<never> {
  return new Promise((_, reject) => {
    child.once('error', (cause) => {
      reject(
        new ConnectionError(
          `The agent for ${options.device} cannot be started: ${cause.message}.`,
          `Check that ${options.command[0]} can be run.`,
          { cause },
        ),
      );
    });
  });
}

function rejectAfter(deadline: Seconds, end: AbortSignal, error: () => Error): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setTimeout(() => reject(error()), deadline * 1000);
    const onEnd = (): void => {
      clearTimeout(timer);
      reject(end.reason);
    };
    if (end.aborted) onEnd();
    else end.addEventListener('abort', onEnd, { once: true });
  });
}

function endedEarly(device: DeviceId, exit: AgentExit, words: string): ConnectionError {
  const how = exit.signal === null ? `exit status ${exit.code}` : exit.signal;
  return new ConnectionError(
    `The agent for ${device} ended (${how}) before it listened${words === '' ? '' : `: ${words}`}.`,
    'Run the agent by hand to see why.',
  );
}

function tooLate(device: DeviceId, deadline: Seconds, words: string): DeadlineError {
  return new DeadlineError(
    `The agent for ${device} did not listen within ${deadline} s${words === '' ? '' : `: ${words}`}.`,
    'The machine may be overloaded: try again, or start fewer agents.',
  );
}
