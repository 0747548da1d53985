import type { Readable } from 'node:stream';
import { type DeviceId, ProtocolError } from '@tandem/core';
import { z } from 'zod';
import { followLines } from './follow-lines.ts';

/** What a started agent tells its parent: one line of JSON on standard output. */
export interface Announcement {
  /** 'HOST:PORT' or 'ws://HOST:PORT' with the port that was really bound. */
  readonly address: string;
  readonly pid: number;
}

const announcement = z.object({
  address: z.string().regex(/^.{1,255}:[0-9]{1,5}$/),
  pid: z.int().positive(),
});

/** The line that an agent prints once it listens. */
export function announcementLine(value: Announcement): string {
  return `${JSON.stringify({ address: value.address, pid: value.pid })}\n`;
}

/** The first line of `output`; what follows is read and dropped. Waits for ever when there is none. Throws ProtocolError. */
export function readAnnouncement(output: Readable, device: DeviceId): Promise<Announcement> {
  return new Promise((resolve, reject) => {
    let first = true;
    followLines(output, (line) => {
      if (!first) return;
      first = false;
      const parsed = announcement.safeParse(jsonOrNull(line));
      if (parsed.success) resolve(parsed.data);
      else reject(notAnAnnouncement(device, line));
    });
  });
}

function jsonOrNull(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function notAnAnnouncement(device: DeviceId, line: string): ProtocolError {
  return new ProtocolError(
    `The agent for ${device} printed ${JSON.stringify(line.slice(0, 200))}, expected {"address": "HOST:PORT", "pid": N}.`,
    'Check that the command starts a Tandem agent of this version.',
  );
}
