import { randomBytes } from 'node:crypto';
import { type AgentProcess, sockets, startAgentProcess, systemClock, systemClockName } from '@tandem/node';
import { connectGateway, type Gateway, type GatewayOptions } from '@tandem/runtime';
import { tandemProgram } from '../tandem-program.ts';

export interface ProcessesOptions {
  readonly count: number;
  /** Where agents listen, for example 'ws://127.0.0.1:0'. */
  readonly listen: string;
  readonly signal: AbortSignal;
}

/** Agents d0, d1, ... as processes of this machine, which one gateway after another may use. */
export class AgentProcesses {
  readonly #started: AgentProcess[] = [];
  readonly #token: string = randomBytes(32).toString('base64url');

  private constructor() {}

  static async start({ count, listen, signal }: ProcessesOptions): Promise<AgentProcesses> {
    const processes = new AgentProcesses();
    const command = [process.execPath, tandemProgram, 'agent', '--parent', '--listen', listen] as const;
    try {
      for (let at = 0; at < count; at++) {
        const agent = { command, device: `d${at}`, token: processes.#token, signal };
        processes.#started.push(await startAgentProcess(agent));
      }
      return processes;
    } catch (error) {
      await processes.stop();
      throw error;
    }
  }

  get devices(): readonly string[] {
    return this.#started.map(({ device }) => device);
  }

  get pids(): readonly number[] {
    return this.#started.map(({ pid }) => pid);
  }

  connect(options: Pick<GatewayOptions, 'signal' | 'log' | 'limits'>): Promise<Gateway> {
    const addresses = Object.fromEntries(this.#started.map(({ device, address }) => [device, address]));
    const reach = { transport: sockets(), clock: systemClock, clockName: systemClockName() };
    return connectGateway({ ...reach, token: this.#token, addresses, ...options });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#started.map((agent) => agent.stop()));
  }
}
