import { createHash } from 'node:crypto';
import { type CreateSha256, hertz, seconds } from '@tandem/core';
import { describe, expect, it, vi } from 'vitest';
import type { Actuator } from '../actuate/actuator.ts';
import type { Agent } from '../agent/agent.ts';
import { neverAborted } from '../conformance.ts';
import { segmentsByDigest } from '../segment/segment-sources.ts';
import { memoryTransport } from '../transport/memory.ts';
import type { Gateway } from './gateway.ts';
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
  repair: { retain: true },
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

interface Clocked {
  readonly gateway: Gateway;
  readonly agent: Agent;
  /** Another agent of the device, wherever it listens. */
  readonly restart: () => Promise<Agent>;
  readonly deploy: (version: number, clocks: readonly (typeof slower)[]) => Promise<unknown>;
}

/** One device under a gateway; both are gone afterwards. */
async function clocked(actuator: Actuator, body: (clocked: Clocked) => Promise<void>): Promise<void> {
  const setup = {
    transport: memoryTransport(),
    clock: wallClock,
    createSha256,
    address: 'memory:0',
    actuator: () => actuator,
    agentLimits: { cleanUpSeconds: 0.05 },
  };
  const agents = [await startSumAgent(setup, 'a')];
  const [agent] = agents;
  if (agent === undefined) return;
  const gateway = await joinAgents(setup, new Map([['a', agent]]));
  const restart = async (): Promise<Agent> => {
    const next = await startSumAgent(setup, 'a');
    agents.push(next);
    return next;
  };
  const sources = segmentsOf(plan, createSha256);
  const segments = segmentsByDigest(sources);
  const deploy: Clocked['deploy'] = (version, clocks) =>
    gateway.deploy(smallDeployment({ ...plan, version }, sources), segments, { signal, clocks });
  try {
    await body({ gateway, agent, restart, deploy });
  } finally {
    await gateway.close();
    await Promise.all(agents.map((each) => each.close()));
  }
}

const asPlanned = { device: 'a', wantedHertz: 1e9, actuator: 'stepped', hertz: 9e8, reason: null };

describe('clocks of a deployment', () => {
  it('are set with it, changed without one, and given back by the next and at the end', async () => {
    const { actuator, log } = stepped();
    await clocked(actuator, async ({ gateway, deploy }) => {
      await deploy(1, [slower]);
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
    });
    expect(log.slice(3)).toEqual(['set 1000000000', 'release']);
  });

  it('are set one after the other where several are asked for at once', async () => {
    const { actuator, log } = stepped();
    await clocked(actuator, async ({ gateway, deploy }) => {
      await deploy(1, [slower]);
      const rates = [6e8, 3e8, 9e8];
      const set = await Promise.all(rates.map((rate) => gateway.setClock('a', hertz(rate), signal)));
      expect(set).toEqual(rates.map((rate) => ({ ...asPlanned, wantedHertz: rate, hertz: rate })));
      expect(gateway.clocks).toEqual(set.slice(-1));
      await Promise.all([gateway.setClock('a', hertz(6e8), signal), deploy(2, [])]);
      expect(gateway.clocks).toEqual([]);
      expect(log.slice(-2)).toEqual(['set 600000000', 'release']);
    });
  });

  it('are set again, as they were wanted last, on a device that comes back', async () => {
    const { actuator, log } = stepped();
    await clocked(actuator, async ({ gateway, agent, restart, deploy }) => {
      await deploy(1, [slower]);
      await gateway.setClock('a', hertz(6e8), signal);
      await agent.close();
      gateway.readdress('a', (await restart()).address);
      await vi.waitFor(() => expect(log).toHaveLength(4), { timeout: 10_000 });
      expect(log).toEqual(['set 1000000000', 'set 600000000', 'release', 'set 600000000']);
      await vi.waitFor(() =>
        expect(gateway.clocks).toEqual([{ ...asPlanned, wantedHertz: 6e8, hertz: 6e8 }]),
      );
    });
  });
});
