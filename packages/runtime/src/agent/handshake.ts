import { errorFromRecord, ProtocolError, RefusedError, seconds, type TandemError } from '@tandem/core';
import type { Channel } from '../wire/channel.ts';
import type { Hello, Message, Welcome } from '../wire/message.ts';
import { protocolVersion, visitorLimits, wireLimits } from '../wire/protocol.ts';
import { type Deadline, withinDeadline } from '../wire/within-deadline.ts';
import { sameToken } from './token.ts';

/** The caller's hello, once its token and protocol are right; nothing else of the caller is looked at before. */
export async function receiveHello(channel: Channel, token: string, deadline: Deadline): Promise<Hello> {
  const received = await withinDeadline(deadline, (signal) => channel.receive(signal));
  if (received === null) throw closedEarly(channel.peer);
  const { message } = received;
  if (message.kind !== 'hello') throw unexpected(message, 'hello', channel.peer);
  const rightToken = sameToken(message.token, token);
  if (message.protocol !== protocolVersion) throw otherProtocol(message.protocol, channel.peer);
  if (!rightToken) throw wrongToken(channel.peer);
  channel.trust(message.role === 'visitor' ? visitorLimits : wireLimits);
  return message;
}

/** Says hello and waits for the welcome; throws what the listener refused with. */
export async function sayHello(channel: Channel, hello: Hello, deadline: Deadline): Promise<Welcome> {
  const received = await withinDeadline(deadline, async (signal) => {
    await channel.send(hello, signal);
    return await channel.receive(signal);
  });
  if (received === null) throw closedEarly(channel.peer);
  const { message } = received;
  if (message.kind === 'refuse') throw errorFromRecord(message.error);
  if (message.kind !== 'welcome') throw unexpected(message, 'welcome', channel.peer);
  if (message.protocol !== protocolVersion) throw otherProtocol(message.protocol, channel.peer);
  return message;
}

/** Tells the caller why, as far as it still listens, and closes. */
export async function refuse(
  channel: Channel,
  error: TandemError,
  deadline: Omit<Deadline, 'what' | 'seconds'>,
): Promise<void> {
  const limit = { ...deadline, seconds: seconds(1), what: `refusing ${channel.peer}` };
  try {
    await withinDeadline(limit, async (signal) => {
      await channel.send({ kind: 'refuse', error: error.toJSON() }, signal);
      await channel.close();
    });
  } catch {
    channel.abort();
  }
}

export function unexpected(message: Message, expected: string, peer: string): ProtocolError {
  return new ProtocolError(
    `${peer} sent a '${message.kind}' message, expected ${expected}`,
    'Run the same version of Tandem on every device.',
  );
}

function closedEarly(peer: string): ProtocolError {
  return new ProtocolError(
    `${peer} closed the connection before the greeting was complete`,
    'Check that a Tandem agent of the same version listens there.',
  );
}

function otherProtocol(version: number, peer: string): RefusedError {
  return new RefusedError(
    `${peer} speaks version ${version} of the protocol, expected version ${protocolVersion}`,
    'Run the same version of Tandem on every device.',
  );
}

function wrongToken(peer: string): RefusedError {
  return new RefusedError(
    `${peer} gave a token that is not this agent's`,
    'Start agents and gateway with the same token.',
  );
}
