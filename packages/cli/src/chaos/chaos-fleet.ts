import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type DeviceId, errorRecord, ResourceError } from '@tandem/core';
import { type AgentProcess, FaultProxy, startAgentProcess } from '@tandem/node';
import { agentProgram } from '../run/agent-program.ts';

export interface ChaosFleetOptions {
  readonly devices: readonly DeviceId[];
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

interface Member {
  readonly proxy: FaultProxy;
  agent: AgentProcess;
  /** While it goes on. */
  restart: Promise<void> | null;
}

/** Agents of this machine, each behind a proxy: what can be done to them. */
export class ChaosFleet {
  readonly token: string = randomBytes(32).toString('base64url');
  readonly #options: ChaosFleetOptions;
  /** How far each device's wall clock is ahead: a file each, which `set-wall-clock.ts` reads. */
  readonly #clocks: string;
  readonly #members: Map<DeviceId, Member> = new Map();

  private constructor(options: ChaosFleetOptions, clocks: string) {
    this.#options = options;
    this.#clocks = clocks;
  }

  static async open(options: ChaosFleetOptions): Promise<ChaosFleet> {
    const fleet = new ChaosFleet(options, await mkdtemp(join(tmpdir(), 'tandem-clocks-')));
    const starts = await Promise.allSettled(options.devices.map((device) => fleet.#add(device)));
    for (const start of starts) {
      if (start.status !== 'rejected') continue;
      await fleet.close();
      throw start.reason;
    }
    return fleet;
  }

  get addresses(): Readonly<Record<DeviceId, string>> {
    return Object.fromEntries([...this.#members].map(([device, { proxy }]) => [device, proxy.address]));
  }

  proxy(device: DeviceId): FaultProxy {
    return this.#member(device).proxy;
  }

  /** Sends the process a signal; one that has ended gets none. */
  signal(device: DeviceId, name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' | 'SIGUSR2'): void {
    try {
      process.kill(this.#member(device).agent.pid, name);
    } catch {
      // It has ended already.
    }
  }

  /** No file of the process may grow beyond so many bytes; null = as far as it likes. Throws ResourceError where there is no prlimit. */
  async limitFiles(device: DeviceId, mostBytes: number | null): Promise<void> {
    await this.#limit(device, 'fsize', mostBytes);
  }

  /**
   * The process gets memory (private and writable) up to so many bytes in all; what it has beyond it keeps. Null = as much as it likes. Throws
   * like `limitFiles`.
   */
  async limitMemory(device: DeviceId, mostBytes: number | null): Promise<void> {
    await this.#limit(device, 'data', mostBytes);
  }

  /** Sets the wall clock of the device's process, and of those that follow it: so many seconds ahead of this machine's. */
  async setClockAhead(device: DeviceId, aheadSeconds: number): Promise<void> {
    await writeFile(this.#clockFile(device), `${aheadSeconds}`);
    this.signal(device, 'SIGUSR2');
  }

  /** Resolves when the process has ended. */
  async kill(device: DeviceId): Promise<void> {
    const { agent } = this.#member(device);
    this.signal(device, 'SIGKILL');
    await agent.exited;
  }

  /**
   * A new process in the place of one that has ended, or ends within a little while: one, however many faults ask for it, and none where
   * another fault has seen to it before.
   */
  async restartIfEnded(device: DeviceId): Promise<void> {
    const member = this.#member(device);
    const ended = member.agent.exited.then(() => true);
    if (!(await Promise.race([ended, sleep(endingMilliseconds, false)]))) return;
    member.restart ??= this.#replace(device, member).finally(() => {
      member.restart = null;
    });
    await member.restart;
  }

  async close(): Promise<void> {
    const members = [...this.#members.values()];
    for (const device of this.#members.keys()) this.signal(device, 'SIGCONT');
    await Promise.all(members.map(({ agent }) => agent.stop()));
    await Promise.all(members.map(({ proxy }) => proxy.close()));
    await rm(this.#clocks, { recursive: true, force: true });
  }

  async #add(device: DeviceId): Promise<void> {
    await writeFile(this.#clockFile(device), '0');
    const agent = await this.#start(device);
    try {
      this.#members.set(device, { agent, proxy: await FaultProxy.open(agent.address), restart: null });
    } catch (error) {
      await agent.stop();
      throw error;
    }
  }

  async #replace(device: DeviceId, member: Member): Promise<void> {
    member.agent = await this.#start(device);
    member.proxy.target = member.agent.address;
  }

  #start(device: DeviceId): Promise<AgentProcess> {
    const { signal, log } = this.#options;
    const [program, ...rest] = agentProgram('127.0.0.1', 'tcp');
    return startAgentProcess({
      command: [program, '--import', clockModule(this.#clockFile(device)), ...rest],
      device,
      token: this.token,
      signal,
      log: (line) => log(`${device}: ${line}`),
    });
  }

  async #limit(device: DeviceId, resource: 'fsize' | 'data', mostBytes: number | null): Promise<void> {
    const { pid } = this.#member(device).agent;
    const limit = `--${resource}=${mostBytes ?? 'unlimited'}:`;
    await promisify(execFile)('prlimit', ['--pid', `${pid}`, limit]).catch((cause: unknown) => {
      if (!isRunning(pid)) return;
      throw new ResourceError(
        `the agent of ${device} cannot be limited: ${errorRecord(cause).message.trim()}`,
        'Install prlimit (util-linux), on Linux, or leave disk-full and memory-squeeze out.',
        { cause },
      );
    });
  }

  #clockFile(device: DeviceId): string {
    return join(this.#clocks, device);
  }

  #member(device: DeviceId): Member {
    const member = this.#members.get(device);
    if (member !== undefined) return member;
    throw new Error(`no agent stands for device ${device}`);
  }
}

const endingMilliseconds = 500;

/** For `node --import`. */
function clockModule(file: string): string {
  const module = new URL('set-wall-clock.js', import.meta.url);
  module.searchParams.set('ahead', pathToFileURL(file).href);
  return module.href;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
