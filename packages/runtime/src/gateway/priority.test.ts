import { createHash } from 'node:crypto';
import { type Clock, type CreateSha256, seconds } from '@tandem/core';
import { describe, it } from 'vitest';
import { memoryTransport } from '../transport/memory.ts';
import { priorityConformance } from './priority-conformance.ts';

const createSha256: CreateSha256 = () => {
  const hash = createHash('sha256');
  return { update: (chunk) => void hash.update(chunk), hexadecimal: () => hash.digest('hex') };
};

const wallClock: Clock = {
  now: () => seconds(performance.now() / 1000),
  sleep: (duration, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const timer = setTimeout(resolve, duration * 1000);
      signal.addEventListener(
        'abort',
        () => {
          clearTimeout(timer);
          reject(signal.reason);
        },
        { once: true },
      );
    }),
};

describe('priority over the memory transport', () => {
  const setup = { transport: memoryTransport(), clock: wallClock, createSha256, address: 'memory:0' };
  for (const each of priorityConformance(setup)) it(each.name, () => each.run(), 10_000);
});
