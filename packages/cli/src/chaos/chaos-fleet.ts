import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
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
}

/** Agents of this machine, each behind a proxy: what can be done to them. */
export class ChaosFleet {
  readonly token: string = randomBytes(32).toString('base64url');
  readonly #options: ChaosFleetOptions;
  readonly #members: Map<DeviceId, Member> = new Map();

  private constructor(options: ChaosFleetOptions) {
    this.#options = options;
  }

  static async open(options: ChaosFleetOptions): Promise<ChaosFleet> {
    const fleet = new ChaosFleet(options);
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
  signal(device: DeviceId, name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    try {
      process.kill(this.#member(device).agent.pid, name);
    } catch {
      // It has ended already.
    }
  }

  /** No file of the process may grow beyond so many bytes; null = as far as it likes. Throws ResourceError where there is no prlimit. */
  async limitFiles(device: DeviceId, mostBytes: number | null): Promise<void> {
    const { pid } = this.#member(device).agent;
    const limit = `--fsize=${mostBytes ?? 'unlimited'}:`;
    await promisify(execFile)('prlimit', ['--pid', `${pid}`, limit]).catch((cause: unknown) => {
      if (!isRunning(pid)) return;
      throw new ResourceError(
        `the files of the agent of ${device} cannot be limited: ${errorRecord(cause).message.trim()}`,
        'Install prlimit (util-linux), on Linux, or leave disk-full out.',
        { cause },
      );
    });
  }

  /** A new process in the place of one that has ended. */
  async restart(device: DeviceId): Promise<void> {
    const member = this.#member(device);
    await member.agent.exited;
    member.agent = await this.#start(device);
    member.proxy.target = member.agent.address;
  }

  async close(): Promise<void> {
    const members = [...this.#members.values()];
    for (const device of this.#members.keys()) this.signal(device, 'SIGCONT');
    await Promise.all(members.map(({ agent }) => agent.stop()));
    await Promise.all(members.map(({ proxy }) => proxy.close()));
  }

  async #add(device: DeviceId): Promise<void> {
    const agent = await this.#start(device);
    try {
      this.#members.set(device, { agent, proxy: await FaultProxy.open(agent.address) });
    } catch (error) {
      await agent.stop();
      throw error;
    }
  }

  #start(device: DeviceId): Promise<AgentProcess> {
    const { signal, log } = this.#options;
    return startAgentProcess({
      command: agentProgram('127.0.0.1', 'tcp'),
      device,
      token: this.token,
      signal,
      log: (line) => log(`${device}: ${line}`),
    });
  }

  #member(device: DeviceId): Member {
    const member = this.#members.get(device);
    if (member !== undefined) return member;
    throw new Error(`no agent stands for device ${device}`);
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
