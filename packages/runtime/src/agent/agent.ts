import {
  ConnectionError,
  errorRecord,
  ProtocolError,
  RefusedError,
  ResourceError,
  seconds,
  TandemError,
} from '@tandem/core';
import { inlineCoder } from '../execute/tensor-coder.ts';
import { SpareBuffers } from '../spare-buffers.ts';
import type { Connection, Listener } from '../transport/transport.ts';
import { Channel } from '../wire/channel.ts';
import { closeChannel } from '../wire/close-channel.ts';
import type { Hello } from '../wire/message.ts';
import { helloLimits } from '../wire/protocol.ts';
import { Tasks } from '../wire/tasks.ts';
import { type AgentContext, type AgentOptions, defaultAgentLimits } from './agent-options.ts';
import { GatewaySession } from './gateway-session.ts';
import { receiveHello, refuse } from './handshake.ts';
import { checkToken } from './token.ts';
import { VisitorDesk } from './visitor-desk.ts';

/** One device that waits for a gateway and does its part of the plans it is given. */
export interface Agent {
  /** Where it can be dialled. */
  readonly address: string;
  /** Resolves when the agent has closed, whatever the reason. */
  readonly closed: Promise<void>;
  /** Ends the session, frees what it holds and stops listening; idempotent. */
  close(): Promise<void>;
}

/**
 * Listens for one gateway at a time and for the agents that this gateway introduces. Throws InvalidInputError for an unusable token
 * and what the transport throws for an unusable address.
 */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  checkToken(options.token);
  const server = new AgentServer({
    name: '',
    pid: 0,
    agentVersion: '',
    clockName: '',
    log: () => undefined,
    describe: null,
    actuator: () => null,
    sensor: null,
    coder: inlineCoder(),
    spare: new SpareBuffers(),
    record: () => undefined,
    ...options,
    limits: { ...defaultAgentLimits, ...options.limits },
  });
  await server.listen();
  return server;
}

class AgentServer implements Agent {
  readonly closed: Promise<void>;
  #context: AgentContext;
  readonly #tasks: Tasks = new Tasks((error) => this.#log(error));
  readonly #life: AbortController = new AbortController();
  readonly #greeting: Set<Channel> = new Set();
  #listener: Listener | null = null;
  #session: GatewaySession | null = null;
  #sessions = 0;
  readonly #desk: VisitorDesk = new VisitorDesk({
    context: () => this.#context,
    serving: () => this.#session?.device ?? null,
    signal: this.#life.signal,
  });
  #closing: Promise<void> | null = null;
  #onClosed: () => void = () => undefined;

  constructor(context: AgentContext) {
    this.#context = context;
    this.closed = new Promise((resolve) => {
      this.#onClosed = resolve;
    });
  }

  get address(): string {
    return this.#listener?.address ?? this.#context.address;
  }

  async listen(): Promise<void> {
    const { transport, address } = this.#context;
    const accept = (connection: Connection): void => this.#accept(connection);
    this.#listener = await transport.listen(address, accept, { limits: helloLimits });
    if (this.#context.name === '') this.#context = { ...this.#context, name: this.#listener.address };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const reason = new ConnectionError('the agent is closing', 'Start it again if it is still needed.');
    this.#life.abort(reason);
    this.#session?.abort(reason);
    for (const channel of this.#greeting) channel.abort();
    try {
      await this.#listener?.close();
      await this.#tasks.settled();
    } finally {
      this.#onClosed();
    }
  }

  #accept(connection: Connection): void {
    const channel = new Channel(connection);
    if (this.#greeting.size >= this.#context.limits.unauthenticated || this.#life.signal.aborted) {
      this.#log(crowded(channel.peer, this.#greeting.size));
      return channel.abort();
    }
    this.#greeting.add(channel);
    this.#tasks.start(() => this.#serve(channel));
  }

  async #serve(channel: Channel): Promise<void> {
    const { clock } = this.#context;
    try {
      const hello = await this.#greet(channel);
      await this.#serveAs(hello, channel);
      await closeChannel(channel, this.#context.clock);
    } catch (error) {
      this.#log(error);
      const reason = error instanceof TandemError ? error : unexpectedEnd(error);
      await refuse(channel, reason, { clock, signal: new AbortController().signal });
    }
  }

  async #greet(channel: Channel): Promise<Hello> {
    const { clock, limits, token } = this.#context;
    const what = `the hello of ${channel.peer}`;
    const deadline = { clock, signal: this.#life.signal, seconds: seconds(limits.helloSeconds), what };
    try {
      return await receiveHello(channel, token, deadline);
    } finally {
      this.#greeting.delete(channel);
    }
  }

  async #serveAs(hello: Hello, channel: Channel): Promise<void> {
    switch (hello.role) {
      case 'gateway':
        return await this.#serveGateway(hello, channel);
      case 'agent':
        return await this.#servePeer(hello, channel);
      case 'visitor':
        return await this.#desk.serve(channel);
    }
  }

  async #serveGateway({ device }: Hello, channel: Channel): Promise<void> {
    if (this.#session !== null) throw busy(this.#context.name, this.#session.device);
    const id = `${this.#context.pid}.${++this.#sessions}`;
    const session = new GatewaySession(this.#context, id, device, channel);
    this.#session = session;
    try {
      await session.run();
    } finally {
      await session.end();
      this.#session = null;
    }
  }

  async #servePeer({ device, session: id, clock }: Hello, channel: Channel): Promise<void> {
    const session = this.#session;
    if (session === null || session.id !== id || session.device === device) throw stranger(device);
    await session.servePeer({ device, clock }, channel);
  }

  #log(error: unknown): void {
    if (!this.#life.signal.aborted) this.#context.log(`${this.#context.name}: ${errorRecord(error).message}`);
  }
}

function crowded(peer: string, count: number): ResourceError {
  return new ResourceError(
    `${peer} was turned away: ${count} connections have not said who they are, expected fewer`,
    'Find out who dials this agent, or raise the limit.',
  );
}

function busy(name: string, device: string): RefusedError {
  return new RefusedError(
    `agent ${name} serves another gateway as device ${device}, expected to be free`,
    'Wait until that gateway has left, or start another agent.',
  );
}

function stranger(device: string): RefusedError {
  return new RefusedError(
    `device ${device} wants to join a session that this agent is not in`,
    'Connect the gateway again, and let it deploy to every device.',
  );
}

function unexpectedEnd(cause: unknown): ProtocolError {
  return new ProtocolError(
    `the connection ended unexpectedly: ${errorRecord(cause).message}`,
    'See the log of the agent.',
    { cause },
  );
}
