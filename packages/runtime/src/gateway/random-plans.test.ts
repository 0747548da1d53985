import { createHash } from 'node:crypto';
import { type CreateSha256, seconds } from '@tandem/core';
import { describe, it } from 'vitest';
import { memoryTransport } from '../transport/memory.ts';
import { answersRandomPlan } from './stream-conformance.ts';

const createSha256: CreateSha256 = () => {
  const hash = createHash('sha256');
  return { update: (chunk) => void hash.update(chunk), hexadecimal: () => hash.digest('hex') };
};

/** Deadlines that never come, so that whatever waits in a circle shows as a test that does not end. */
const clock = {
  now: () => seconds(performance.now() / 1000),
  sleep: (_: number, signal: AbortSignal): Promise<void> =>
    new Promise((_resolve, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    }),
};

describe('random plans with room for one tensor everywhere', () => {
  const setup = { transport: memoryTransport(), clock, createSha256, address: 'memory:0' };
  it.each(Array.from({ length: 100 }, (_, seed) => seed))('answers plan %i', (seed) =>
    answersRandomPlan(setup, seed),
  );
});
