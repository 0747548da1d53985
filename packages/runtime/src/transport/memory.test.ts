import { type Clock, seconds } from '@tandem/core';
import { describe, it } from 'vitest';
import { transportConformance } from './conformance.ts';
import { type MemoryTransportOptions, memoryTransport } from './memory.ts';

const wallClock: Clock = {
  now: () => seconds(performance.now() / 1000),
  sleep: (duration, signal) =>
    new Promise((resolve, reject) => {
      const giveUp = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      }, duration * 1000);
      signal.addEventListener('abort', giveUp, { once: true });
    }),
};

const networks: readonly (readonly [string, MemoryTransportOptions | undefined])[] = [
  ['as fast as memory', undefined],
  ['at 10 Gbit/s', { clock: wallClock, bitsPerSecond: 1e10 }],
  ['with 1 ms each way', { clock: wallClock, oneWaySeconds: 0.001 }],
  ['at 4 Gbit/s with 2 ms each way', { clock: wallClock, bitsPerSecond: 4e9, oneWaySeconds: 0.002 }],
];

describe.each(networks)('memory transport %s', (_name, options) => {
  const transport = memoryTransport(options);
  const cases = transportConformance({ transport, address: 'memory:0', deadAddress: 'memory:nobody' });
  it.each(cases)('$name', ({ run }) => run());
});
