import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeviceId, Seconds } from '@tandem/core';
import { type AgentExit, awaitAnnouncement } from './await-announcement.ts';
import { followLines, lastLines } from './follow-lines.ts';
import { memoryEnvironment } from './memory-environment.ts';
import { folderPrefix, folderVariable } from './parent-lifeline.ts';

/** An agent that runs in its own process on this machine. */
export interface AgentProcess {
  readonly device: DeviceId;
  readonly pid: number;
  /** 'HOST:PORT', before it 'ws://' where the agent speaks WebSocket. */
  readonly address: string;
  /** Resolves when the process has ended and its temporary folder is removed; never rejects. */
  readonly exited: Promise<AgentExit>;
  /** SIGTERM, and SIGKILL after 2 s; resolves like `exited`. May be called at any time, from signal handlers too, any number of times. */
  stop(): Promise<AgentExit>;
}

export interface AgentProcessOptions {
  /**
   * Program and arguments of an agent that uses `followParent` (token as the first line of standard input, ends with its parent) and
   * then prints `announcementLine`.
   */
  readonly command: readonly [string, ...string[]];
  readonly device: DeviceId;
  readonly token: string;
  readonly signal: AbortSignal;
  /** Each line that the agent writes to standard error. */
  readonly log?: (line: string) => void;
  /** @default 60 */
  readonly deadlineSeconds?: Seconds;
}

const killAfterMilliseconds = 2000;

/**
 * Starts an agent and waits until it listens. Ctrl-C in a terminal reaches this process only, which decides how the agent ends; when this
 * process dies, the agent's standard input ends and so does the agent. Its temporary files lie in a folder that is removed with it.
 * Throws ConnectionError when the agent ends early (with its last words), DeadlineError, ProtocolError, or the signal's reason; the
 * process is gone by then.
 */
export async function startAgentProcess(options: AgentProcessOptions): Promise<AgentProcess> {
  options.signal.throwIfAborted();
  const folder = await mkdtemp(join(tmpdir(), folderPrefix));
  const child = launch(options, folder);
  const words = lastLines(20);
  followLines(child.stderr, (line) => {
    words.add(line);
    options.log?.(line);
  });
  const exited = exitOf(child).then(async (exit) => {
    await removeFolder(folder);
    return exit;
  });
  const stop = (): Promise<AgentExit> => terminate(child, exited);
  try {
    const announced = await awaitAnnouncement(options, child, exited, () => words.text());
    return { device: options.device, ...announced, exited, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function launch(options: AgentProcessOptions, folder: string): ChildProcessWithoutNullStreams {
  const [program, ...rest] = options.command;
  const child = spawn(program, rest, {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, ...memoryEnvironment(), TMPDIR: folder, [folderVariable]: folder },
  });
  // A child that ends before it reads its token breaks the pipe; its exit tells more than that error does.
  child.stdin.on('error', () => undefined);
  child.stdin.write(`${options.token}\n`);
  return child;
}

function exitOf(child: ChildProcessWithoutNullStreams): Promise<AgentExit> {
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
    child.once('error', () => {
      if (child.pid === undefined) resolve({ code: null, signal: null });
    });
  });
}

async function terminate(
  child: ChildProcessWithoutNullStreams,
  exited: Promise<AgentExit>,
): Promise<AgentExit> {
  signalGroup(child, 'SIGTERM');
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), killAfterMilliseconds);
  try {
    return await exited;
  } finally {
    clearTimeout(timer);
  }
}

/** The agent leads a process group of its own, so whatever it started is reached too. */
function signalGroup(child: ChildProcessWithoutNullStreams, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}

/** A folder that cannot be removed is left to the system's own cleaning; the agent's exit is still worth reporting. */
async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 2 }).catch(() => undefined);
}
