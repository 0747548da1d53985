import { createHash } from 'node:crypto';
import {
  type Clock,
  type CreateSha256,
  createRandom,
  errorFromRecord,
  ProtocolError,
  RefusedError,
  type Seconds,
  seconds,
  TandemError,
} from '@tandem/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  expectedOutputs,
  joinAgents,
  type Pipeline,
  type PipelineSetup,
  pipelineToken,
  planInputs,
  type SmallPlan,
  startPipeline,
  startSumAgent,
} from '../gateway/pipeline-harness.ts';
import { memoryTransport } from '../transport/memory.ts';
import type { Connection, Transport } from '../transport/transport.ts';
import { Channel } from '../wire/channel.ts';
import type { Hello, Message, TensorMessage } from '../wire/message.ts';
import { encodeMessage } from '../wire/message-codec.ts';
import { protocolVersion, wireLimits } from '../wire/protocol.ts';
import { unlessAborted } from '../wire/within-deadline.ts';
import { startAgent } from './agent.ts';

const createSha256: CreateSha256 = () => {
  const hash = createHash('sha256');
  return { update: (chunk) => void hash.update(chunk), hexadecimal: () => hash.digest('hex') };
};

/** Time that passes only when the test says so. */
class ManualClock implements Clock {
  #now = 0;
  readonly #sleepers: Set<{ readonly at: number; readonly wake: () => void }> = new Set();

  now(): Seconds {
    return seconds(this.#now);
  }

  async sleep(duration: Seconds, signal: AbortSignal): Promise<void> {
    let sleeper = { at: 0, wake: (): void => undefined };
    const awake = new Promise<void>((wake) => {
      sleeper = { at: this.#now + duration, wake };
    });
    this.#sleepers.add(sleeper);
    await unlessAborted(signal, () => awake).finally(() => this.#sleepers.delete(sleeper));
  }

  /** Passes time in steps of 0.5 s and lets everything run in between. */
  async advance(duration: number): Promise<void> {
    for (const end = this.#now + duration; this.#now < end; ) {
      this.#now += 0.5;
      for (const sleeper of this.#sleepers) if (sleeper.at <= this.#now) sleeper.wake();
      await settle();
    }
  }
}

/** Lets all that is ready run. */
async function settle(): Promise<void> {
  for (let round = 0; round < 5; round++) await new Promise((resolve) => setTimeout(resolve, 0));
}

const { signal } = new AbortController();
const plan: SmallPlan = {
  stages: [
    { device: 'a', inputs: ['x'], outputs: ['h', 'k'] },
    { device: 'b', inputs: ['h'], outputs: ['i'] },
    { device: 'a', inputs: ['i', 'k'], outputs: ['y'] },
  ],
  inputs: ['x'],
  outputs: ['y'],
  source: 'a',
  sink: 'a',
  requestTimeoutSeconds: 20,
};

const hello = (changes: Partial<Hello>): Hello => ({
  kind: 'hello',
  protocol: protocolVersion,
  token: pipelineToken,
  role: 'agent',
  device: 'a',
  session: '0.1',
  clock: '',
  ...changes,
});

const tensor: TensorMessage = {
  kind: 'tensor',
  version: 1,
  request: 1000,
  ticket: 1000,
  tensor: 'h',
  type: 'uint8',
  shape: [4],
  codec: { kind: 'raw' },
  rawBecause: null,
  readySeconds: seconds(0),
};

let clock: ManualClock;
let transport: Transport;
let setup: PipelineSetup;
let pipeline: Pipeline;
let strangers: Connection[];
let rejections: unknown[];
const remember = (reason: unknown): void => void rejections.push(reason);

beforeEach(async () => {
  clock = new ManualClock();
  transport = memoryTransport();
  setup = { transport, clock, createSha256, address: 'memory:0' };
  pipeline = await startPipeline(setup, plan);
  strangers = [];
  rejections = [];
  process.on('unhandledRejection', remember);
});

afterEach(async () => {
  for (const connection of strangers) connection.abort();
  await pipeline.close();
  await settle();
  process.off('unhandledRejection', remember);
  expect(rejections).toEqual([]);
});

async function dial(device: string): Promise<Connection> {
  const address = pipeline.agents.get(device)?.address ?? '';
  const connection = await transport.dial(address, { limits: wireLimits, signal });
  strangers.push(connection);
  return connection;
}

/** The reason that the agent closes the connection with; null when it gives none. */
async function refusalOf(channel: Channel): Promise<TandemError | null> {
  for (;;) {
    const received = await channel.receive(new AbortController().signal).catch(() => null);
    if (received === null) return null;
    if (received.message.kind === 'refuse') return errorFromRecord(received.message.error);
  }
}

/** A peer may send tensors once it is welcome. */
async function greet(channel: Channel, message: Message): Promise<void> {
  await channel.send(message, signal);
  expect((await channel.receive(signal))?.message.kind).toBe('welcome');
}

async function expectHealthy(): Promise<void> {
  const inputs = planInputs(plan, 5);
  const { outputs } = await pipeline.gateway.request(inputs, { signal });
  expect(outputs).toEqual(expectedOutputs(plan, inputs));
}

describe('an agent that strangers dial', () => {
  it('gives a stranger no room for a body or a long header', async () => {
    for (const frame of [
      { header: new Uint8Array(8193), body: new Uint8Array(0) },
      { header: encodeMessage(hello({})), body: new Uint8Array(1) },
    ]) {
      const connection = await dial('b');
      await connection.send(frame, signal).catch(() => undefined);
      await expect(connection.receive(signal)).rejects.toMatchObject({ name: 'ConnectionError' });
    }
    await expectHealthy();
  });

  it.each([
    ['a wrong token', hello({ token: 'a guess' }), RefusedError, 'token'],
    ['an empty token', hello({ token: '' }), RefusedError, 'token'],
    ['the token and more', hello({ token: `${pipelineToken}${pipelineToken}` }), RefusedError, 'token'],
    [
      'another protocol',
      hello({ protocol: protocolVersion + 1 }),
      RefusedError,
      `version ${protocolVersion + 1}`,
    ],
    ['another session', hello({ session: '0.9' }), RefusedError, 'session'],
    ['its own name', hello({ device: 'b' }), RefusedError, 'session'],
    ['a second gateway', hello({ role: 'gateway', device: 'b' }), RefusedError, 'another gateway'],
    ['no hello', { kind: 'ping', nonce: 1 } as const, ProtocolError, 'hello'],
  ])('refuses %s', async (_name, message, kind, reason) => {
    const channel = new Channel(await dial('b'));
    await channel.send(message, signal);
    const refusal = await refusalOf(channel);
    expect(refusal).toBeInstanceOf(kind);
    expect(refusal?.message).toContain(reason);
    await expectHealthy();
  });

  it('drops those that say nothing, and counts them', async () => {
    const silent = await Promise.all(Array.from({ length: 20 }, () => dial('b')));
    const ends = silent.map((connection) => refusalOf(new Channel(connection)));
    const last = await Promise.race([ends[19], settle().then(() => 'still open')]);
    expect(last).toBeNull();
    await clock.advance(5);
    const reasons = (await Promise.all(ends)).map((refusal) => refusal?.name ?? null);
    expect(reasons).toEqual([...Array(16).fill('DeadlineError'), null, null, null, null]);
    await expectHealthy();
  });

  it('survives garbage', async () => {
    const random = createRandom(5);
    for (let round = 0; round < 50; round++) {
      const connection = await dial(round % 2 === 0 ? 'a' : 'b');
      if (round % 3 > 0) {
        await connection.send(
          { header: encodeMessage(hello({ device: 'c' })), body: new Uint8Array(0) },
          signal,
        );
      }
      const header = Uint8Array.from({ length: random.integer(64) }, () => random.integer(256));
      await connection
        .send({ header, body: new Uint8Array(random.integer(64)) }, signal)
        .catch(() => undefined);
    }
    await settle();
    await expectHealthy();
  });
});

describe('an agent with a lying peer', () => {
  it.each([
    ['a wrong shape', { ...tensor, shape: [2, 2] }, 4],
    ['a wrong type', { ...tensor, type: 'int8' as const }, 4],
    ['a wrong length', tensor, 3],
    ['an unknown tensor', { ...tensor, tensor: 'nothing' }, 4],
    ['a tensor that another sends', { ...tensor, tensor: 'i' }, 4],
    ['an absurd size', { ...tensor, shape: [2 ** 40, 2 ** 40, 2 ** 40] }, 4],
    ['a codec that carries other types', { ...tensor, codec: { kind: 'fp16' } as const }, 16],
    ['raw instead of nothing', { ...tensor, rawBecause: 'too large' as const }, 4],
    ['no tensor', { kind: 'cancel', version: 1, request: 1, ticket: 0 } as const, 0],
  ])('closes its connection for %s, and no other', async (_name, message, length) => {
    await expectHealthy();
    const connection = await dial('b');
    const channel = new Channel(connection);
    await greet(channel, hello({}));
    await connection.send({ header: encodeMessage(message), body: new Uint8Array(length) }, signal);
    expect(await refusalOf(channel)).toBeInstanceOf(ProtocolError);
    await expectHealthy();
  });

  it.each([
    ['the codec', { codec: { kind: 'bf16' } as const }, 24],
    ['no codec', {}, 32],
    ['a length', { codec: { kind: 'fp16' } as const }, 23],
    ['the bytes', { codec: { kind: 'fp16' } as const }, 24],
    ['a reason to go raw', { codec: { kind: 'fp16' } as const, rawBecause: 'too large' as const }, 24],
  ])('closes its connection when it lies about %s of a coded tensor', async (_name, lie, length) => {
    await pipeline.close();
    pipeline = await startPipeline(setup, { ...plan, codec: { kind: 'fp16' }, elements: 8 });
    const channel = new Channel(await dial('b'));
    await greet(channel, hello({}));
    const form = { ...tensor, type: 'float32', shape: [8] } as const;
    await channel.send({ ...form, ...lie }, signal, new Uint8Array(length));
    expect(await refusalOf(channel)).toBeInstanceOf(ProtocolError);
  });

  it('answers an unknown plan version with a failure, and goes on', async () => {
    const channel = new Channel(await dial('b'));
    await greet(channel, hello({}));
    await channel.send({ ...tensor, version: 9 }, signal, new Uint8Array(4));
    await settle();
    await expectHealthy();
  });

  it('lets requests that nobody finishes expire', async () => {
    const channel = new Channel(await dial('a'));
    await greet(channel, hello({ device: 'b' }));
    for (let request = 1000; request < 1080; request++) {
      await channel.send({ ...tensor, tensor: 'i', request, ticket: request }, signal, new Uint8Array(4));
    }
    await settle();
    await expect(pipeline.gateway.request(planInputs(plan, 1), { signal })).rejects.toThrow('in flight');
    await clock.advance(20);
    await expectHealthy();
  });
});

describe('deadlines, on a clock that the test moves', () => {
  const stuck = async (device: string): Promise<Pipeline> => {
    await pipeline.close();
    const onRun = (at: string): Promise<void> | void =>
      at === device ? new Promise(() => undefined) : undefined;
    pipeline = await startPipeline({ ...setup, onRun, agentLimits: { cleanUpSeconds: 0 } }, plan);
    return pipeline;
  };

  it("fails a request at the caller's deadline", async () => {
    const { gateway } = await stuck('b');
    const request = gateway.request(planInputs(plan, 1), { signal, timeoutSeconds: seconds(3) });
    const failed = expect(request).rejects.toMatchObject({ name: 'DeadlineError' });
    await clock.advance(3);
    await failed;
    await closeStuck();
  });

  it("fails a request at the deployment's deadline, which agents keep too", async () => {
    const { gateway } = await stuck('b');
    const request = gateway.request(planInputs(plan, 1), { signal, timeoutSeconds: seconds(100) });
    const failed = expect(request).rejects.toThrow(/device [ab]: request 1 did not finish within 20 s/);
    await clock.advance(21);
    await failed;
    await closeStuck();
  });

  it('takes an agent that answers no ping for lost', async () => {
    await pipeline.gateway.close();
    const silent = await transport.listen('silent', (connection) => void answerHello(connection), {
      limits: wireLimits,
    });
    const gateway = await joinAgents(setup, new Map([['s', { ...silent, closed: Promise.resolve() }]]));
    await clock.advance(9);
    await expect(gateway.ping('s', signal)).rejects.toThrow(
      'device s was lost: it answers new connections, but not the one it serves',
    );
    await gateway.close();
    await silent.close();
  });

  it('takes a gateway that says nothing for gone', async () => {
    await pipeline.gateway.close();
    const channel = new Channel(await dial('a'));
    await greet(channel, hello({ role: 'gateway', session: '' }));
    await settle();
    await clock.advance(60);
    expect(await refusalOf(channel)).toMatchObject({ name: 'DeadlineError' });
    const next = await joinAgents(setup, pipeline.agents);
    expect(next.agents.map(({ device }) => device).toSorted()).toEqual(['a', 'b']);
    await next.close();
  });

  async function closeStuck(): Promise<void> {
    const closing = pipeline.close();
    await clock.advance(2);
    await closing;
  }

  async function answerHello(connection: Connection): Promise<void> {
    const channel = new Channel(connection);
    await channel.receive(signal);
    const names = { device: 's', agentVersion: '', runtime: 'none', session: '1', lossless: [] };
    await channel.send({ kind: 'welcome', protocol: protocolVersion, pid: 0, ...names }, signal);
  }
});

describe('starting an agent', () => {
  it('refuses an empty token', async () => {
    const address = 'memory:0';
    const options = { transport, clock, address, token: '' };
    const executor = {
      name: 'none',
      load: () => Promise.reject(new Error('no')),
      close: async () => undefined,
    };
    const store = {
      find: async () => null,
      receive: () => Promise.reject(new Error('no')),
      close: async () => undefined,
    };
    await expect(startAgent({ ...options, executor, store })).rejects.toThrow('the token has 0 characters');
  });

  it('closes twice, and says so once', async () => {
    const agent = await startSumAgent(setup, 'c');
    await Promise.all([agent.close(), agent.close(), agent.closed]);
    await expect(transport.dial(agent.address, { limits: wireLimits, signal })).rejects.toThrow(
      'nobody listens',
    );
  });
});
