import { createHash } from 'node:crypto';
import { bytes, type CreateSha256 } from '@tandem/core';
import { afterEach, describe, expect, it } from 'vitest';
import { type Agent, startAgent } from '../agent/agent.ts';
import type { AgentOptions } from '../agent/agent-options.ts';
import { nullExecutor } from '../execute/null-executor.ts';
import { connectGateway } from '../gateway/gateway.ts';
import { memoryStore } from '../segment/memory-store.ts';
import type { Impairment } from '../transport/impair.ts';
import { memoryTransport } from '../transport/memory.ts';
import type { Transport } from '../transport/transport.ts';
import { type VirtualClock, virtualClock } from '../virtual-clock.ts';
import { Channel } from '../wire/channel.ts';
import type { Message } from '../wire/message.ts';
import { protocolVersion, visitorLimits, wireLimits } from '../wire/protocol.ts';
import type { DeviceDescription } from './device-description.ts';
import { probeLimits } from './link-measurement.ts';
import { nextAnswer } from './next-answer.ts';
import { askDescription, askLink, measureLinkTo } from './visit.ts';

const createSha256: CreateSha256 = () => {
  const hash = createHash('sha256');
  return { update: (chunk) => void hash.update(chunk), hexadecimal: () => hash.digest('hex') };
};
const token = 'what visitors know';
const { signal } = new AbortController();
const description: DeviceDescription = {
  processor: 'a processor',
  system: 'a test',
  threads: 2,
  memoryBytes: bytes(1e9),
  microarchitecture: { class: 'board', instructionSets: ['neon'] },
  caches: [{ level: 1, kind: 'data', sizeBytes: bytes(32768), sharedBy: 1 }],
  sensors: { charging: true },
  matrixRates: [],
  sources: [{ what: 'threads', how: 'read', from: 'here' }],
  unknown: [{ what: 'copyBytesPerSecond', why: 'not measured' }],
};

/** Agents on one network, and time that passes as fast as they take it. */
class World {
  readonly clock: VirtualClock = virtualClock();
  readonly transport: Transport;
  readonly agents: Agent[] = [];
  readonly #connections: { abort(): void }[] = [];

  constructor(network: Impairment = { bitsPerSecond: 2e7, oneWaySeconds: 0.005 }) {
    this.transport = memoryTransport({ ...network, clock: this.clock });
  }

  async agent(name: string, options: Partial<AgentOptions> = {}): Promise<string> {
    const { transport, clock } = this;
    const store = memoryStore(createSha256);
    const common = {
      address: `${name}:0`,
      transport,
      clock,
      token,
      executor: nullExecutor({ segments: {} }),
      store,
    };
    const agent = await startAgent({ name, ...common, ...options });
    this.agents.push(agent);
    return agent.address;
  }

  get visit(): Parameters<typeof askLink>[2] {
    const { transport, clock } = this;
    return { transport, clock, token, signal };
  }

  /** What `work` gives, while time passes. */
  async during<Value>(work: Promise<Value>): Promise<Value> {
    let settled = false;
    const end = work.finally(() => {
      settled = true;
    });
    end.catch(() => undefined);
    while (!settled) {
      await this.clock.advance(0.25);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return await end;
  }

  /** A visitor that does as it likes. */
  async stranger(address: string): Promise<Channel> {
    const channel = new Channel(await this.transport.dial(address, { limits: wireLimits, signal }));
    this.#connections.push(channel);
    const hello = { kind: 'hello', protocol: protocolVersion, token, role: 'visitor' } as const;
    await this.during(channel.send({ ...hello, device: 'x', session: '', clock: '' }, signal));
    expect((await this.during(channel.receive(signal)))?.message.kind).toBe('welcome');
    return channel;
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.abort();
    await this.during(Promise.all(this.agents.map((agent) => agent.close())));
  }
}

let world = new World();
afterEach(() => world.close());

const send = (channel: Channel, message: Message, size = 0): Promise<void> =>
  world.during(channel.send(message, signal, new Uint8Array(size)));
const answer = (channel: Channel): Promise<Message> => world.during(nextAnswer(channel, signal));

describe('a measured link', () => {
  it.each([
    [2e7, 0.005],
    [1e6, 0.1],
    [2e8, 0.0005],
  ])('has the rate of %d bit/s and twice %d s that it is given', async (bitsPerSecond, oneWaySeconds) => {
    world = new World({ bitsPerSecond, oneWaySeconds });
    const [a, b] = [await world.agent('a'), await world.agent('b')];
    for (const link of [
      await world.during(measureLinkTo(a, world.visit)),
      await world.during(askLink(a, b, world.visit)),
    ]) {
      // Headers of some 50 bytes are carried too: before each chunk, and as pings.
      expect(link.bitsPerSecond / bitsPerSecond).toBeGreaterThan(0.97);
      expect(link.bitsPerSecond / bitsPerSecond).toBeLessThan(1 + 1e-9);
      const headers = (2 * 8 * 60) / bitsPerSecond;
      expect(link.roundTripSeconds).toBeGreaterThanOrEqual(2 * oneWaySeconds);
      expect(link.roundTripSeconds).toBeLessThan(2 * oneWaySeconds + headers);
      expect(link.perMessageSeconds).toBeLessThan(headers);
      expect(link.transferSeconds).toBeGreaterThanOrEqual(probeLimits.enoughSeconds);
    }
  });

  it('ends with its deadline on a link that is too slow', async () => {
    world = new World({ bitsPerSecond: 1000 });
    const a = await world.agent('a');
    await expect(world.during(measureLinkTo(a, world.visit))).rejects.toMatchObject({
      name: 'DeadlineError',
    });
  });

  it('names the agent that cannot be reached', async () => {
    world = new World();
    const a = await world.agent('a');
    await expect(world.during(askLink(a, 'nobody', world.visit))).rejects.toThrow(
      'the agent at nobody cannot be reached',
    );
  });
});

describe('an agent', () => {
  it('describes itself', async () => {
    world = new World();
    const asked: boolean[] = [];
    const describeDevice = async ({ measure }: { readonly measure: boolean }) => {
      asked.push(measure);
      return description;
    };
    const a = await world.agent('a', { describe: describeDevice });
    expect(await world.during(askDescription(a, world.visit))).toEqual(description);
    const { transport, clock } = world;
    const addresses = { pi: a };
    const gateway = await world.during(connectGateway({ transport, clock, token, addresses, signal }));
    await world.during(askDescription(a, world.visit));
    // While a gateway is here, nothing is measured.
    expect(asked).toEqual([true, false]);
    await expect(world.during(measureLinkTo(a, world.visit))).rejects.toThrow(
      'agent a serves a gateway as device pi',
    );
    await world.during(gateway.close());
  });

  it('has no say over the terminal that shows its description', async () => {
    world = new World();
    const processor = 'a\u001b[2Jb\n';
    const unknown = [{ what: 'board', why: '\u0007' }];
    const a = await world.agent('a', { describe: async () => ({ ...description, processor, unknown }) });
    const received = await world.during(askDescription(a, world.visit));
    expect([received.processor, received.unknown[0]?.why]).toEqual(['a [2Jb ', ' ']);
  });

  it('says that it cannot, where nobody gave it the means', async () => {
    world = new World();
    const a = await world.agent('a');
    await expect(world.during(askDescription(a, world.visit))).rejects.toMatchObject({
      name: 'UnsupportedError',
    });
  });

  it('takes part in one measurement at a time, and not for ever', async () => {
    world = new World();
    const a = await world.agent('a');
    const idle = await world.stranger(a);
    await send(idle, { kind: 'filler', nonce: 1 });
    expect(await answer(idle)).toEqual({ kind: 'pong', nonce: 1 });
    await expect(world.during(measureLinkTo(a, world.visit))).rejects.toThrow(
      'agent a takes part in a measurement for',
    );
    const asking = await world.stranger(a);
    await send(asking, { kind: 'measure-link', address: a });
    await expect(answer(asking)).rejects.toMatchObject({ name: 'RefusedError' });
    await world.clock.advance(probeLimits.linkSeconds);
    expect((await world.during(measureLinkTo(a, world.visit))).bitsPerSecond).toBeGreaterThan(1e7);
    await send(idle, { kind: 'filler', nonce: 2 });
    expect(await answer(idle)).toEqual({ kind: 'pong', nonce: 2 });
  });

  // Transports break off a frame that is longer than agreed, before they read it.
  it.each([
    ['a body that is too long', { kind: 'filler', nonce: 1 }, visitorLimits.bodyBytes + 1, /broken off/],
    ['a message of gateways', { kind: 'withdraw', version: 1 }, 0, /sent a 'withdraw' message/],
    ['a body where none belongs', { kind: 'ping', nonce: 1 }, 9, /came with 9 bytes/],
  ] as const)('refuses %s from a visitor', async (_, message, size, reason) => {
    world = new World();
    const channel = await world.stranger(await world.agent('a'));
    await send(channel, message, size).catch(() => undefined);
    await expect(answer(channel)).rejects.toThrow(reason);
  });

  it('has room for so many visitors', async () => {
    world = new World();
    const a = await world.agent('a', { limits: { visitors: 1 } });
    await world.stranger(a);
    await expect(world.during(measureLinkTo(a, world.visit))).rejects.toThrow('1 visitors are here');
  });

  it('bounds what one visit sends', { timeout: 60_000 }, async () => {
    world = new World({});
    const channel = await world.stranger(await world.agent('a'));
    const chunk = new Uint8Array(visitorLimits.bodyBytes);
    const flood = async (): Promise<void> => {
      for (let sent = 0; sent <= probeLimits.visitBytes; sent += chunk.length)
        await channel.send({ kind: 'filler', nonce: null }, signal, chunk);
    };
    await world.during(flood()).catch(() => undefined);
    await expect(answer(channel)).rejects.toThrow('in one visit, expected at most 1073741824');
  });
});
