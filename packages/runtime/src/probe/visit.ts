import { type Clock, ConnectionError, type Seconds, seconds } from '@tandem/core';
import { sayHello, unexpected } from '../agent/handshake.ts';
import type { Transport } from '../transport/transport.ts';
import { Channel } from '../wire/channel.ts';
import type { Welcome } from '../wire/message.ts';
import { protocolVersion, wireLimits } from '../wire/protocol.ts';
import { withinDeadline } from '../wire/within-deadline.ts';
import type { DeviceDescription } from './device-description.ts';
import { type LinkMeasurement, probeLimits } from './link-measurement.ts';
import { measureLink } from './measure-link.ts';
import { nextAnswer } from './next-answer.ts';

export interface VisitOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  /** The agents' token. */
  readonly token: string;
  readonly signal: AbortSignal;
}

const dialSeconds = 10;
const leaveSeconds = 5;

/** What the agent at `address` says about itself; it measures its rates when nobody has asked before. Throws TandemErrors. */
export async function askDescription(address: string, options: VisitOptions): Promise<DeviceDescription> {
  const what = `the description of the agent at ${address}`;
  return await visit(address, options, what, probeLimits.visitSeconds, async (channel, signal) => {
    await channel.send({ kind: 'describe' }, signal);
    const answer = await nextAnswer(channel, signal);
    if (answer.kind === 'description') return answer.description;
    throw unexpected(answer, 'a description', address);
  });
}

/** Has the agent at `from` measure its own way to the agent at `to`. */
export async function askLink(from: string, to: string, options: VisitOptions): Promise<LinkMeasurement> {
  const what = `measuring the link from ${from} to ${to}`;
  const limit = probeLimits.linkSeconds + 2 * (dialSeconds + leaveSeconds);
  return await visit(from, options, what, limit, async (channel, signal) => {
    await channel.send({ kind: 'measure-link', address: to }, signal);
    const answer = await nextAnswer(channel, signal);
    if (answer.kind === 'link-measured') return answer.link;
    throw unexpected(answer, 'a measured link', from);
  });
}

/** Measures the way from here to the agent at `address`. */
export async function measureLinkTo(address: string, options: VisitOptions): Promise<LinkMeasurement> {
  const what = `measuring the link to ${address}`;
  return await visit(address, options, what, probeLimits.linkSeconds, (channel, signal) =>
    measureLink(channel, options.clock, signal),
  );
}

/** The process number of the agent at `address`, as a sign of life. Throws DeadlineError after `limit`. */
export async function askProcess(address: string, options: VisitOptions, limit: Seconds): Promise<number> {
  const { clock, signal } = options;
  const deadline = { clock, signal, seconds: limit, what: `a sign of life of ${address}` };
  return await withinDeadline(deadline, async (both) => {
    const { channel, welcome } = await greet(address, { ...options, signal: both });
    channel.abort();
    return welcome.pid;
  });
}

type Work<Value> = (channel: Channel, signal: AbortSignal) => Promise<Value>;

/** One connection for one question: when this has settled, the agent is free for the next visitor. */
async function visit<Value>(
  address: string,
  options: VisitOptions,
  what: string,
  limit: number,
  work: Work<Value>,
): Promise<Value> {
  const { clock, signal } = options;
  const { channel } = await greet(address, options);
  try {
    const deadline = { clock, signal, seconds: seconds(limit), what };
    const value = await withinDeadline(deadline, (both) => work(channel, both));
    await leave(channel, options);
    return value;
  } finally {
    channel.abort();
  }
}

async function greet(
  address: string,
  { transport, clock, token, signal }: VisitOptions,
): Promise<{ readonly channel: Channel; readonly welcome: Welcome }> {
  const deadline = { clock, signal, seconds: seconds(dialSeconds), what: `connecting to ${address}` };
  const connection = await withinDeadline(deadline, (both) =>
    transport.dial(address, { limits: wireLimits, signal: both }),
  ).catch((cause: unknown) => {
    if (signal.aborted) throw signal.reason;
    throw new ConnectionError(
      `the agent at ${address} cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Start it with `tandem agent`, or correct its address.',
      { cause },
    );
  });
  const channel = new Channel(connection);
  try {
    const hello = { kind: 'hello', protocol: protocolVersion, token, role: 'visitor' } as const;
    const welcome = await sayHello(
      channel,
      { ...hello, device: 'visitor', session: '', clock: '' },
      deadline,
    );
    return { channel, welcome };
  } catch (error) {
    channel.abort();
    throw error;
  }
}

/** The agent closes once it has let go of the visit. */
async function leave(channel: Channel, { clock, signal }: VisitOptions): Promise<void> {
  const deadline = { clock, signal, seconds: seconds(leaveSeconds), what: `leaving ${channel.peer}` };
  await withinDeadline(deadline, async (both) => {
    await channel.send({ kind: 'goodbye' }, both);
    while ((await channel.receive(both)) !== null);
    await channel.close();
  }).catch(() => undefined);
}
