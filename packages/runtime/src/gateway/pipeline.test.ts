import { createHash } from 'node:crypto';
import { type Clock, type CreateSha256, seconds } from '@tandem/core';
import { describe, it } from 'vitest';
import { memoryTransport } from '../transport/memory.ts';
import { pipelineConformance } from './pipeline-conformance.ts';
import { priorityConformance } from './priority-conformance.ts';
import { repairConformance } from './repair-conformance.ts';
import { streamConformance } from './stream-conformance.ts';

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

const setup = { transport: memoryTransport(), clock: wallClock, createSha256, address: 'memory:0' };

describe.each([
  ['pipeline', [...pipelineConformance(setup), ...streamConformance(setup)]],
  ['priority', priorityConformance(setup)],
  ['repair', repairConformance(setup)],
])('%s over the memory transport', (_, cases) => {
  for (const each of cases) it(each.name, () => each.run(), 10_000);
});
