import { createHash } from 'node:crypto';
import { type CreateSha256, hertz, seconds } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import type { Actuator } from '../actuate/actuator.ts';
import { neverAborted } from '../conformance.ts';
import { memoryTransport } from '../transport/memory.ts';
import {
  joinAgents,
  type SmallPlan,
  segmentsOf,
  smallDeployment,
  startSumAgent,
} from './pipeline-harness.ts';

const signal = neverAborted();
const createSha256: CreateSha256 = () => {
  const hash = createHash('sha256');
  return { update: (chunk) => void hash.update(chunk), hexadecimal: () => hash.digest('hex') };
};
const wallClock = {
  now: () => seconds(performance.now() / 1000),
  sleep: (duration: number, until: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, duration * 1000);
      until.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(until.reason);
      });
    }),
};
const plan: SmallPlan = {
  inputs: ['x'],
  outputs: ['y'],
  source: 'a',
  sink: 'a',
  stages: [{ device: 'a', inputs: ['x'], outputs: ['y'] }],
};
const slower = {
  device: 'a',
  hertz: hertz(1e9),
  highestHertz: hertz(2e9),
  threads: 1,
  imitated: false,
} as const;

/** A device whose clock has steps of 300 MHz. */
function stepped(): { readonly actuator: Actuator; readonly log: string[] } {
  const log: string[] = [];
  const set: Actuator['set'] = async (clock) => {
    log.push(`set ${clock.hertz}`);
    return hertz(3e8 * Math.floor(clock.hertz / 3e8));
  };
  return { actuator: { name: 'stepped', set, release: async () => void log.push('release') }, log };
}

describe('clocks of a deployment', () => {
  it('are set with it, changed without one, and given back by the next and at the end', async () => {
    const { actuator, log } = stepped();
    const setup = {
      transport: memoryTransport(),
      clock: wallClock,
      createSha256,
      address: 'memory:0',
      actuator: () => actuator,
    };
    const agent = await startSumAgent(setup, 'a');
    const gateway = await joinAgents(setup, new Map([['a', agent]]));
    try {
      const sources = segmentsOf(plan, createSha256);
      const segments = new Map(sources.map((source) => [source.manifest.digest, source]));
      const deploy = (version: number, clocks: readonly (typeof slower)[]): Promise<unknown> =>
        gateway.deploy(smallDeployment({ ...plan, version }, sources), segments, { signal, clocks });
      await deploy(1, [slower]);
      const asPlanned = { device: 'a', wantedHertz: 1e9, actuator: 'stepped', hertz: 9e8, reason: null };
      expect(gateway.clocks).toEqual([asPlanned]);
      await gateway.setClock('a', hertz(6e8), signal);
      expect(gateway.clocks).toEqual([{ ...asPlanned, wantedHertz: 6e8, hertz: 6e8 }]);
      await deploy(2, []);
      expect(gateway.clocks).toEqual([]);
      expect(log).toEqual(['set 1000000000', 'set 600000000', 'release']);
      await expect(gateway.setClock('a', hertz(6e8), signal)).rejects.toThrow(
        /does not set the clock of 'a'/,
      );
      await deploy(3, [slower]);
    } finally {
      await gateway.close();
      await agent.close();
    }
    expect(log.slice(3)).toEqual(['set 1000000000', 'release']);
  });
});
