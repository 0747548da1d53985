import {
  errorRecord,
  ProtocolError,
  RefusedError,
  ResourceError,
  seconds,
  UnsupportedError,
} from '@tandem/core';
import { probeLimits } from '../probe/link-measurement.ts';
import { measureLinkTo } from '../probe/visit.ts';
import type { Channel, Received } from '../wire/channel.ts';
import type { Message } from '../wire/message.ts';
import { protocolVersion } from '../wire/protocol.ts';
import { withinDeadline } from '../wire/within-deadline.ts';
import type { AgentContext } from './agent-options.ts';
import { unexpected } from './handshake.ts';

export interface VisitorDeskOptions {
  readonly context: () => AgentContext;
  /** The device that a gateway has made this agent, whose work a measurement would disturb; null = it is free. */
  readonly serving: () => string | null;
  /** Ends every visit. */
  readonly signal: AbortSignal;
}

/** Answers those who want to know this device and its links. One measurement at a time, each bounded in bytes and in time. */
export class VisitorDesk {
  readonly #options: VisitorDeskOptions;
  #visitors = 0;
  /** Whose measurement runs, and when it has had its time. */
  #measuring: { readonly channel: Channel; readonly until: number } | null = null;

  constructor(options: VisitorDeskOptions) {
    this.#options = options;
  }

  /** Serves a visitor until it leaves. Throws RefusedError or ResourceError for what it may not have, ProtocolError, DeadlineError. */
  async serve(channel: Channel): Promise<void> {
    const { signal, context } = this.#options;
    const { clock, limits } = context();
    if (this.#visitors >= limits.visitors) throw crowded(this.#visitors);
    this.#visitors++;
    const what = `the visit of ${channel.peer}`;
    try {
      const deadline = { clock, signal, seconds: seconds(probeLimits.visitSeconds), what };
      await withinDeadline(deadline, (both) => this.#answerAll(channel, both));
    } finally {
      this.#visitors--;
      if (this.#measuring?.channel === channel) this.#measuring = null;
    }
  }

  async #answerAll(channel: Channel, signal: AbortSignal): Promise<void> {
    await channel.send(this.#welcome(), signal);
    for (let taken = 0; ; ) {
      const received = await channel.receive(signal);
      if (received === null || received.message.kind === 'goodbye') return;
      taken += received.body.length;
      if (taken > probeLimits.visitBytes) throw tooMuch(channel.peer, taken);
      const answer = await this.#answer(received, channel, signal);
      if (answer !== null) await channel.send(answer, signal);
    }
  }

  async #answer({ message }: Received, channel: Channel, signal: AbortSignal): Promise<Message | null> {
    switch (message.kind) {
      case 'ping':
        return { kind: 'pong', nonce: message.nonce };
      case 'filler':
        this.#take(channel);
        return message.nonce === null ? null : { kind: 'pong', nonce: message.nonce };
      case 'describe':
        return await answered(async () => ({ kind: 'description', description: await this.#describe() }));
      case 'measure-link':
        return await answered(() => this.#measure(message.address, channel, signal));
      default:
        throw unexpected(message, 'a question of a visitor', channel.peer);
    }
  }

  #describe(): ReturnType<NonNullable<AgentContext['describe']>> {
    const { context, serving } = this.#options;
    const { describe, name } = context();
    if (describe === null) throw cannotDescribe(name);
    return describe({ measure: serving() === null && this.#measuring === null });
  }

  async #measure(address: string, channel: Channel, signal: AbortSignal): Promise<Message> {
    const { transport, clock, token } = this.#options.context();
    this.#take(channel);
    try {
      const link = await measureLinkTo(address, { transport, clock, token, signal });
      return { kind: 'link-measured', link };
    } finally {
      this.#measuring = null;
    }
  }

  /** Throws RefusedError where the measurement would disturb others, or they it. */
  #take(channel: Channel): void {
    const { clock, name } = this.#options.context();
    const now = clock.now();
    const device = this.#options.serving();
    if (device !== null) throw atWork(name, device);
    if (this.#measuring !== null && now < this.#measuring.until) {
      if (this.#measuring.channel === channel) return;
      throw occupied(name, this.#measuring.channel.peer);
    }
    this.#measuring = { channel, until: now + probeLimits.linkSeconds };
  }

  #welcome(): Message {
    const { pid, agentVersion, executor, name } = this.#options.context();
    const runtime = executor.name.slice(0, 64);
    const device = name.slice(0, 64);
    const about = { device, pid, agentVersion, runtime, lossless: [] };
    return { kind: 'welcome', protocol: protocolVersion, session: '', ...about };
  }
}

async function answered(work: () => Promise<Message>): Promise<Message> {
  try {
    return await work();
  } catch (error) {
    return { kind: 'probe-refused', error: errorRecord(error) };
  }
}

function crowded(count: number): ResourceError {
  return new ResourceError(`${count} visitors are here, expected fewer`, 'Try again when some have left.');
}

function tooMuch(peer: string, size: number): ProtocolError {
  return new ProtocolError(
    `${peer} sent ${size} bytes in one visit, expected at most ${probeLimits.visitBytes}`,
    'Measure with the same version of Tandem.',
  );
}

function cannotDescribe(name: string): UnsupportedError {
  return new UnsupportedError(
    `agent ${name} has no way to describe its device`,
    'Describe it in the cluster file by hand.',
  );
}

function atWork(name: string, device: string): RefusedError {
  return new RefusedError(
    `agent ${name} serves a gateway as device ${device}, expected to be free while a link is measured`,
    'Measure when that gateway has left.',
  );
}

function occupied(name: string, peer: string): RefusedError {
  return new RefusedError(
    `agent ${name} takes part in a measurement for ${peer} already, expected one at a time`,
    'Try again in a minute.',
  );
}
