import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { RefusedError, ResourceError } from '@tandem/core';
import { addMemoryGroup, groupFolder, peakMemoryBytes } from './memory-group.ts';
import { addHosts, addLinks, addressOf, changeRate, namespaceFolder } from './network.ts';
import { nextTestbedPrefix } from './owner.ts';
import type { Scenario } from './scenario.ts';
import { testbedSupport } from './support.ts';
import { removeOrphans, removeTestbeds } from './teardown.ts';

/** Hosts joined by shaped links on this machine: each a network namespace, with a memory group where the scenario limits it. */
export interface Testbed {
  readonly scenario: Scenario;
  /** The host's IPv4 address, the same from every other host. */
  address(host: string): string;
  /** The command line that runs `command` inside a host. */
  inside(host: string, command: readonly string[]): readonly [string, ...string[]];
  /** Changes the rate of one direction of a shaped link. */
  setRate(way: { readonly from: string; readonly to: string }, megabitsPerSecond: number): void;
  /** Starts a program inside a host, like child_process.spawn; it is killed when the testbed closes. */
  exec(host: string, command: readonly string[], options?: SpawnOptions): ChildProcess;
  /** The most memory that a host with a limit has held, in bytes; null where it has none. */
  peakMemoryBytes(host: string): number | null;
  /** Ends every process inside and removes all that was made; idempotent. Throws ResourceError that names what stayed. */
  close(): Promise<void>;
}

/**
 * Builds a scenario. Removed again whatever happens: on close, on exit, on SIGINT, SIGTERM and SIGHUP, and what a killed owner
 * left is swept when the next testbed opens. Throws RefusedError where `testbedSupport` says no.
 */
export async function openTestbed(scenario: Scenario): Promise<Testbed> {
  const support = testbedSupport();
  if (!support.supported)
    throw new RefusedError(`no testbed: ${support.reason}`, 'Run as root, or use the memory transport.');
  removeOrphans();
  const prefix = nextTestbedPrefix();
  const release = onProcessEnd(() => removeTestbeds((name) => name.startsWith(prefix)));
  try {
    build(scenario, prefix);
  } catch (error) {
    release();
    throw error;
  }
  return testbedOf(scenario, prefix, release);
}

function build(scenario: Scenario, prefix: string): void {
  addHosts(scenario, prefix);
  addLinks(scenario, prefix);
  for (const { id, memoryBytes } of scenario.hosts) {
    if (memoryBytes !== undefined) addMemoryGroup(prefix + id, memoryBytes);
  }
}

function testbedOf(scenario: Scenario, prefix: string, release: () => string[]): Testbed {
  const limited = new Set(
    scenario.hosts.filter((host) => host.memoryBytes !== undefined).map((host) => host.id),
  );
  const inside = (host: string, command: readonly string[]): readonly [string, ...string[]] => {
    addressOf(scenario, host);
    const entered = ['nsenter', `--net=${namespaceFolder}/${prefix}${host}`, '--', ...command] as const;
    return limited.has(host) ? inGroup(prefix + host, entered) : entered;
  };
  return {
    scenario,
    address: (host) => addressOf(scenario, host),
    inside,
    setRate: (way, megabitsPerSecond) => changeRate(scenario, prefix, way, megabitsPerSecond),
    exec: (host, command, options = {}) => {
      const [name, ...rest] = inside(host, command);
      return spawn(name, rest, options);
    },
    peakMemoryBytes: (host) => (limited.has(host) ? peakMemoryBytes(prefix + host) : null),
    close: async () => {
      const left = release();
      if (left.length > 0)
        throw new ResourceError(`could not remove ${left.join(', ')}`, 'See which processes hold it.');
    },
  };
}

/** The shell enters the group before it becomes the program: no allocation escapes the limit, and the process id stays. */
function inGroup(group: string, command: readonly string[]): readonly [string, ...string[]] {
  const enter = `echo $$ > ${groupFolder(group)}/cgroup.procs && exec "$@"`;
  return ['sh', '-c', enter, 'sh', ...command];
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs `remove` once, when the returned function is called or when the process ends before. */
function onProcessEnd(remove: () => string[]): () => string[] {
  let left: string[] | null = null;
  const once = (): string[] => {
    left ??= remove();
    process.off('exit', once);
    for (const signal of signals) process.off(signal, end);
    return left;
  };
  const end = (signal: NodeJS.Signals): void => {
    once();
    process.kill(process.pid, signal);
  };
  process.on('exit', once);
  for (const signal of signals) process.on(signal, end);
  return once;
}
