import type { KnownCentres } from '@tandem/core';
import { unexpected } from '../agent/handshake.ts';
import type { Received } from '../wire/channel.ts';

/** What a decision knows now. */
export interface Learned {
  readonly channels: number;
  /** No centres where it learns nothing. */
  readonly known: KnownCentres;
  /** What a person should know, one sentence; null = nothing. */
  readonly note: string | null;
}

/** Throws ProtocolError where it is no such message. */
export function learnedOf({ message, body }: Received): Learned {
  if (message.kind !== 'centres') throw unexpected(message, 'centres', 'an agent');
  const { channels, labels, counts, factor, note } = message;
  const values = new Float32Array(body.buffer, body.byteOffset, labels.length * channels);
  const centres = labels.map((label, row) => {
    const centre = values.slice(row * channels, (row + 1) * channels);
    return { label, count: counts[row] ?? 0, centre };
  });
  return { channels, known: { centres, factor }, note };
}
