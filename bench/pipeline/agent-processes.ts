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
  readonly #started: readonly AgentProcess[];
  readonly #token: string;

  private constructor(started: readonly AgentProcess[], token: string) {
    this.#started = started;
    this.#token = token;
  }

  static async start({ count, listen, signal }: ProcessesOptions): Promise<AgentProcesses> {
    const token = randomBytes(32).toString('base64url');
    const command = [process.execPath, tandemProgram, 'agent', '--parent', '--listen', listen] as const;
    const starting = Array.from({ length: count }, (_, at) =>
      startAgentProcess({ command, device: `d${at}`, token, signal }),
    );
    const settled = await Promise.allSettled(starting);
    const started = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const processes = new AgentProcesses(started, token);
    const failed = settled.find((one) => one.status === 'rejected');
    if (failed === undefined) return processes;
    await processes.stop();
    throw failed.reason;
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
