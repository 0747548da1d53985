import { execFileSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { UnsupportedError } from '@tandem/core';

let held = '';

/**
 * Holds the calling thread, and those that it starts from now on, to these processors. Throws UnsupportedError where the system has no
 * such thread numbers (it is not Linux), no `taskset`, or not these processors.
 */
export function pinThread(cpus: readonly number[]): void {
  const list = cpus.join();
  if (list === held) return;
  try {
    // A thread of the process has a number of its own, which only the thread itself can read.
    const [, thread = ''] = /task\/(\d+)$/.exec(readlinkSync('/proc/thread-self')) ?? [];
    execFileSync('taskset', ['--cpu-list', '--pid', list, thread], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (cause) {
    throw new UnsupportedError(
      `the stage cannot be held to the processors ${list}: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Name processors that this machine has, on Linux with util-linux, or leave `cpus` out of the plan.',
      { cause },
    );
  }
  held = list;
}
