import { ConnectionError, errorFromRecord } from '@tandem/core';
import type { Channel } from '../wire/channel.ts';
import type { Message } from '../wire/message.ts';

/** What the peer says next. Throws what it refuses with, ConnectionError when it closes. */
export async function nextAnswer(channel: Channel, signal: AbortSignal): Promise<Message> {
  const received = await channel.receive(signal);
  if (received === null)
    throw new ConnectionError(
      `${channel.peer} closed the connection before it answered`,
      'See the log of that agent.',
    );
  const { message } = received;
  if (message.kind === 'refuse' || message.kind === 'probe-refused') throw errorFromRecord(message.error);
  return message;
}
