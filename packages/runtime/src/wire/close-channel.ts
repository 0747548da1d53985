import { type Clock, seconds } from '@tandem/core';
import type { Channel } from './channel.ts';
import { withinDeadline } from './within-deadline.ts';

/** Closes in order where the peer takes part within a second, and breaks off otherwise; never throws. */
export async function closeChannel(channel: Channel, clock: Clock): Promise<void> {
  const { signal } = new AbortController();
  const deadline = { clock, signal, seconds: seconds(1), what: `closing ${channel.peer}` };
  await withinDeadline(deadline, () => channel.close()).catch(() => channel.abort());
}
