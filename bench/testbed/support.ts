import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { RefusedError } from '@tandem/core';
import { nextTestbedPrefix } from './owner.ts';

export type TestbedSupport =
  | { readonly supported: true }
  | { readonly supported: false; readonly reason: string };

let known: TestbedSupport | null = null;

/**
 * Whether this process may make network namespaces, shaped links and memory groups. Tries once for real (a namespace that is
 * removed at once), since root inside a container may still lack the right.
 */
export function testbedSupport(): TestbedSupport {
  known ??= probe();
  return known;
}

/** Throws RefusedError where there can be no testbed. */
export function requireTestbed(): void {
  const support = testbedSupport();
  if (support.supported) return;
  throw new RefusedError(`no testbed: ${support.reason}`, 'Run as root on a Linux that has what is missing.');
}

function probe(): TestbedSupport {
  if (process.platform !== 'linux') return no(`network namespaces need Linux, this is ${process.platform}`);
  if (process.getuid?.() !== 0) return no('network namespaces need root');
  for (const tool of ['ip', 'tc', 'nsenter']) {
    if (spawnSync(tool, ['--version']).error !== undefined && spawnSync(tool, ['-V']).error !== undefined)
      return no(`the command '${tool}' is missing (Debian: apt-get install iproute2 util-linux)`);
  }
  return memoryGroups() ?? tryShaping();
}

/** The folder of the memory controller of cgroup version 1. */
export const memoryController = '/sys/fs/cgroup/memory';

function memoryGroups(): TestbedSupport | null {
  if (!existsSync(`${memoryController}/memory.limit_in_bytes`))
    return no(`no memory controller of cgroup version 1 at ${memoryController}`);
  try {
    accessSync(memoryController, constants.W_OK);
    return null;
  } catch {
    return no(`${memoryController} is not writable`);
  }
}

function tryShaping(): TestbedSupport {
  // Named like a testbed's own, so that it is swept should this process be killed right here.
  const name = `${nextTestbedPrefix()}probe`;
  try {
    return (
      refusal(['ip', 'netns', 'add', name]) ??
      refusal([
        'ip',
        '-n',
        name,
        'link',
        'add',
        'name',
        'probe0',
        'type',
        'veth',
        'peer',
        'name',
        'probe1',
      ]) ??
      refusal([
        'tc',
        '-n',
        name,
        ...'qdisc add dev probe0 root tbf rate 20mbit burst 4kb limit 8mb'.split(' '),
      ]) ?? {
        supported: true,
      }
    );
  } finally {
    spawnSync('ip', ['netns', 'del', name]);
  }
}

function refusal([command = '', ...rest]: string[]): TestbedSupport | null {
  const done = spawnSync(command, rest, { encoding: 'utf8' });
  return done.status === 0 ? null : no(`'${[command, ...rest].join(' ')}' failed: ${done.stderr.trim()}`);
}

const no = (reason: string): TestbedSupport => ({ supported: false, reason });
