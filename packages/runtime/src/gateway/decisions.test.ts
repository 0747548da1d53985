import { createHash } from 'node:crypto';
import {
  type AgentRecord,
  bytes,
  type CreateSha256,
  createRandom,
  digestBytes,
  metricsOf,
  type OnlineThresholds,
  type Random,
  replay,
  seconds,
} from '@tandem/core';
import { afterEach, describe, expect, it } from 'vitest';
import { type Agent, startAgent } from '../agent/agent.ts';
import type { TensorValue } from '../execute/executor.ts';
import { nullExecutor } from '../execute/null-executor.ts';
import { manifestOf } from '../segment/manifest.ts';
import { memoryStore } from '../segment/memory-store.ts';
import type { SegmentSource } from '../segment/segment.ts';
import { segmentsByDigest } from '../segment/segment-sources.ts';
import { memoryTransport } from '../transport/memory.ts';
import type { DeployedDecision } from './deployed-decision.ts';
import type { Deployment } from './deployment.ts';
import { connectGateway, type Gateway } from './gateway.ts';
import type { Answer } from './pending-request.ts';

const createSha256: CreateSha256 = () => {
  const hash = createHash('sha256');
  return { update: (chunk) => void hash.update(chunk), hexadecimal: () => hash.digest('hex') };
};
const signal = new AbortController().signal;
const clock = {
  now: () => seconds(performance.now() / 1000),
  sleep: (wait: number, own: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, 1000 * wait);
      own.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(own.reason);
      });
    }),
};

const labels = 3;
const channels = 4;
const shape = [1, channels, 2, 2];
const token = 'of the test';

/** The server answers with the means of the first channels, so a label is the strongest channel. */
function serverAnswer({ data }: TensorValue): TensorValue {
  const values = new Float32Array(data.slice().buffer);
  const scores = Array.from({ length: labels }, (_, label) =>
    values.subarray(4 * label, 4 * label + 4).reduce((sum, value) => sum + value, 0),
  );
  return {
    name: 'y',
    type: 'float32',
    shape: [1, labels],
    data: new Uint8Array(Float32Array.from(scores).buffer),
  };
}

/** What belongs clearly to a label, or to two of them. */
function picture(random: Random, label: number, other: number | null = null): TensorValue {
  const values = Float32Array.from({ length: 4 * channels }, (_, at) => {
    const channel = Math.floor(at / 4);
    const strong = channel === label ? 1 : channel === other ? 0.97 : channel === 3 ? 0.5 : 0;
    return strong + 0.02 * random.next();
  });
  return { name: 'x', type: 'float32', shape, data: new Uint8Array(values.buffer) };
}

const segments: readonly SegmentSource[] = ['device', 'server'].map((name) => {
  const model = new TextEncoder().encode(name);
  const part = {
    name: 'model.onnx',
    sizeBytes: bytes(model.length),
    digest: digestBytes(model, createSha256),
  };
  return { manifest: manifestOf([part], createSha256), chunks: () => [model] };
});

const thresholds: OnlineThresholds = {
  exitAbove: 0.4,
  fewerBits: [{ bits: 2, atLeast: 0.3 }],
  offlineBits: 8,
  mostDistance: null,
  labels,
  similarity: { mean: 0.9, deviation: 0.2 },
  samples: 100,
  exitLoss: { share: 0, low: 0, high: 0.05 },
  notes: [],
};

const centresOf = (own: Partial<OnlineThresholds> = {}): DeployedDecision => ({
  stage: 0,
  tensors: ['f'],
  channels,
  labels: [0, 1, 2],
  by: {
    kind: 'centres',
    counts: [10, 10, 10],
    thresholds: { ...thresholds, ...own },
    factor: 1,
    similarity: 'clamped',
    leastCount: 5,
    auditShare: 0,
    mostLoss: 0.005,
  },
  bits: {
    rule: 'fill',
    least: 2,
    most: 8,
    ways: [{ tensor: 'f', to: 'server' }],
    slowerSeconds: seconds(0.001),
    oneWaySeconds: seconds(0),
  },
});
/** A centre for each label. */
const axes = Float32Array.from({ length: labels * channels }, (_, at) =>
  at % channels === Math.floor(at / channels) ? 1 : at % channels === 3 ? 0.5 : 0,
);

const deploymentWith = (decision: DeployedDecision | null, perSecond: number | null): Deployment => ({
  version: 1,
  requestTimeoutSeconds: seconds(20),
  queue: 2,
  tensors: [
    { name: 'x', type: 'float32', shape },
    { name: 'f', type: 'float32', shape },
    { name: 'y', type: 'float32', shape: [1, labels] },
  ],
  stages: [
    { device: 'device', inputs: ['x'], outputs: ['f'] },
    { device: 'server', inputs: ['f'], outputs: ['y'] },
  ].map((stage, at) => ({
    ...stage,
    stage: at,
    segment: segments[at]?.manifest.digest ?? '',
    threads: 1,
    optimisation: 'all',
    paceSeconds: null,
  })),
  routes: [
    { tensor: 'x', from: null, to: 'device', codec: { kind: 'raw' } },
    {
      tensor: 'f',
      from: 'device',
      to: 'server',
      codec: { kind: 'affine', bits: 8, perChannel: false },
      ...(decision?.bits ? { bits: { least: 2, most: 8 } } : {}),
    },
    { tensor: 'y', from: 'server', to: null, codec: { kind: 'raw' } },
  ],
  pacedLinks:
    perSecond === null
      ? []
      : [{ from: 'device', to: 'server', bitsPerSecond: perSecond as never, oneWaySeconds: seconds(0) }],
  ...(decision === null ? {} : { decisions: [decision] }),
});

interface Running {
  readonly gateway: Gateway;
  readonly said: string[];
  readonly steps: AgentRecord[];
  /** Requests that the server executed. */
  readonly served: () => number;
}

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function start(
  decision: DeployedDecision | null,
  matrix: Float32Array = axes,
  perSecond: number | null = null,
): Promise<Running> {
  const transport = memoryTransport();
  const said: string[] = [];
  const steps: AgentRecord[] = [];
  let served = 0;
  const startDevice = async (name: 'device' | 'server'): Promise<Agent> => {
    const isServer = name === 'server';
    const own = isServer ? { inputs: ['f'], outputs: ['y'] } : { inputs: ['x'], outputs: ['f'] };
    return await startAgent({
      name,
      address: `memory:${name}`,
      transport,
      clock,
      token,
      clockName: 'of the test',
      store: memoryStore(createSha256),
      record: (step) => void (isServer ? null : steps.push(step)),
      executor: nullExecutor({
        segments: () => ({
          inputs: own.inputs,
          outputs: own.outputs.map((output) => ({
            name: output,
            type: 'float32',
            shape: isServer ? [1, labels] : shape,
          })),
        }),
        respond: (_segment, [value]) => {
          if (value === undefined) return [];
          if (!isServer) return [{ ...value, name: 'f', data: value.data.slice() }];
          served++;
          return [serverAnswer(value)];
        },
      }),
    });
  };
  const agents = { device: await startDevice('device'), server: await startDevice('server') };
  open.push(async () => void (await Promise.all(Object.values(agents).map((agent) => agent.close()))));
  const gateway = await connectGateway({
    transport,
    clock,
    token,
    clockName: 'of the test',
    addresses: { device: agents.device.address, server: agents.server.address },
    log: (line) => said.push(line),
    signal,
  });
  open.push(() => gateway.close());
  await gateway.deploy(deploymentWith(decision, perSecond), segmentsByDigest(segments), {
    signal,
    trace: { model: 'of the test' },
    ...(decision === null ? {} : { matrices: new Uint8Array(matrix.slice().buffer) }),
  });
  return { gateway, said, steps, served: () => served };
}

const request = (gateway: Gateway, input: TensorValue): Promise<Answer> =>
  gateway.request([input], { signal });

function topOf({ outputs: [output] }: Answer): number {
  const values = new Float32Array(output?.data.slice().buffer ?? new ArrayBuffer(0));
  return values.indexOf(Math.max(...values));
}

const bitsOf = ({ transfers }: Answer): number | null => {
  const codec = transfers[0]?.codec;
  return codec?.kind === 'affine' ? codec.bits : null;
};

describe('a stage that decides by centres', () => {
  it('answers what is clear, sends the rest, and both agree with the model', async () => {
    const { gateway, served, steps } = await start(centresOf({ fewerBits: [] }));
    const random = createRandom(5);
    let left = 0;
    for (let count = 0; count < 60; count++) {
      const label = random.integer(labels);
      const isClear = count % 3 !== 0;
      const answer = await request(gateway, picture(random, label, isClear ? null : (label + 1) % labels));
      expect(topOf(answer)).toBe(label);
      expect(answer.exit !== null).toBe(isClear);
      if (answer.exit === null) continue;
      left++;
      expect(answer.exit).toMatchObject({ stage: 0, device: 'device', label });
      expect(answer.transfers).toEqual([]);
      expect([...new Float32Array(answer.outputs[0]?.data.slice().buffer ?? [])]).toEqual(
        [0, 1, 2].map((each) => (each === label ? 1 : 0)),
      );
    }
    expect([left, served()]).toEqual([40, 20]);
    const metrics = metricsOf(await gateway.trace(signal));
    expect(metrics.exits).toEqual([{ version: 1, stage: 0, requests: 40 }]);
    expect(metrics.bits.reduce((sum, { tensors }) => sum + tensors, 0)).toBe(20);
    expect(metrics.requests).toMatchObject({ answered: 60, failed: 0, open: 0 });
    expect(replay({ agents: { device: steps }, gateway: [] }).difference).toBeNull();
  });

  it('learns from answers of the server alone, and goes on from what it learned after a restart', async () => {
    const decision = centresOf({ exitAbove: 1000 });
    const first = await start(decision);
    const random = createRandom(6);
    for (let count = 0; count < 20; count++) await request(first.gateway, picture(random, 1));
    const learned = await first.gateway.centres(1, 0, signal);
    expect(learned?.known.centres.map(({ count }) => count)).toEqual([10, 30, 10]);
    if (learned?.known === undefined || decision.by.kind !== 'centres')
      throw new Error('nothing was learned');
    const { centres, factor = 1 } = learned.known;
    const matrix = Float32Array.from(centres.flatMap(({ centre }) => [...centre]));
    expect(matrix).not.toEqual(axes);
    const counts = centres.map(({ count }) => count);
    const again = await start({ ...decision, by: { ...decision.by, counts, factor, thresholds } }, matrix);
    const answer = await request(again.gateway, picture(random, 1));
    expect(answer.exit?.label).toBe(1);
    expect((await again.gateway.centres(1, 0, signal))?.known).toEqual(learned.known);
  });

  it('chooses more bits for a slow device and fewer for a slow link', async () => {
    const slow = await start(centresOf({ exitAbove: null }), axes, 20_000);
    const random = createRandom(7);
    expect(bitsOf(await request(slow.gateway, picture(random, 1)))).toBe(8);
    for (let count = 0; count < 3; count++)
      expect(bitsOf(await request(slow.gateway, picture(random, 1)))).toBe(2);
    const mixed = await request(slow.gateway, picture(random, 1, 2));
    expect(bitsOf(mixed)).toBe(8);
  });

  it.each([
    [
      'thresholds without exits',
      centresOf({ exitAbove: null, notes: ['Exits are off: no data.'] }),
      axes,
      /no data/,
    ],
    [
      'one label',
      { ...centresOf(), labels: [1], by: { ...centresOf().by, counts: [9] } },
      axes.slice(0, 4),
      /1 labels/,
    ],
    [
      'a cut of other channels',
      { ...centresOf(), channels: 2, labels: [0, 1], by: { ...centresOf().by, counts: [9, 9] } },
      axes.slice(0, 4),
      /calibrated on 2 channels, and its tensors have 4/,
    ],
  ] as const)('runs everything with %s, and says why', async (_what, decision, matrix, says) => {
    const { gateway, said } = await start(decision as DeployedDecision, matrix);
    const random = createRandom(8);
    for (const label of [0, 1, 2]) {
      const answer = await request(gateway, picture(random, label));
      expect([answer.exit, topOf(answer)]).toEqual([null, label]);
    }
    expect(said.join('\n')).toMatch(says);
    expect((await gateway.centres(1, 0, signal))?.note).toMatch(says);
  });

  it('neither leaves nor learns by values that are not finite or far too large', async () => {
    const { gateway } = await start(centresOf());
    const random = createRandom(9);
    const before = (await gateway.centres(1, 0, signal))?.known;
    for (const poison of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const input = picture(random, 1);
      const values = new Float32Array(input.data.slice().buffer).fill(poison, 0, 4);
      const answer = await request(gateway, { ...input, data: new Uint8Array(values.buffer) });
      expect(answer.exit).toBeNull();
    }
    const huge = picture(random, 1, 2);
    const values = new Float32Array(huge.data.slice().buffer).map((value) => 1e6 * value);
    await request(gateway, { ...huge, data: new Uint8Array(values.buffer) });
    expect((await gateway.centres(1, 0, signal))?.known).toEqual(before);
    expect((await request(gateway, picture(random, 2))).exit?.label).toBe(2);
  });
});

describe('a stage that decides by a head', () => {
  it('answers what it is confident of, and learns nothing', async () => {
    const weights = Float32Array.from({ length: labels * (channels + 1) }, (_, at) =>
      at % (channels + 1) === Math.floor(at / (channels + 1)) ? 8 : 0,
    );
    const { gateway } = await start(
      {
        ...centresOf(),
        by: {
          kind: 'confidence',
          exitAbove: 0.9,
          offlineBits: 8,
          factor: 1.5,
          auditShare: 0,
          mostLoss: 0.005,
        },
      },
      weights,
    );
    const random = createRandom(10);
    for (const label of [0, 1, 2]) {
      const clear = await request(gateway, picture(random, label));
      expect(clear.exit?.label).toBe(label);
      expect(clear.exit?.score).toBeGreaterThan(0.9);
      expect((await request(gateway, picture(random, label, (label + 1) % labels))).exit).toBeNull();
    }
    expect((await gateway.centres(1, 0, signal))?.known).toEqual({ centres: [], factor: 1.5 });
  });
});
