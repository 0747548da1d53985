import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  evaluate,
  graphOf,
  hertz,
  type Plan,
  type Problem,
  parseCluster,
  planOf,
  problemDigest,
  problemOf,
  readTrace,
  seconds,
  type TraceEvent,
  zooModel,
} from '@tandem/core';
import { type AgentProcess, createSha256, FaultProxy, systemClock, tcp } from '@tandem/node';
import {
  type AdaptiveChoice,
  connectGateway,
  deploymentOf,
  GatewayAdapter,
  type SensorReading,
  type StreamItem,
  segmentSources,
  segmentsByDigest,
} from '@tandem/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunResult } from '../../packages/cli/src/run/run-result.ts';
import { finished, startCommand } from '../command-line.ts';
import { addressesOf, startLocalAgent, token } from '../local-agent.ts';
import { weakPair } from '../weak-pair.ts';
import { pictures } from './in-one-process.ts';

let signal = AbortSignal.timeout(0);

let folder = '';
let agents: AgentProcess[] = [];
let proxies: FaultProxy[] = [];
beforeEach(async () => {
  signal = AbortSignal.timeout(110_000);
  folder = await mkdtemp(join(tmpdir(), 'tandem-adapt-test-'));
});
afterEach(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
  await Promise.all(proxies.map((proxy) => proxy.close()));
  await rm(folder, { recursive: true });
  agents = [];
  proxies = [];
});

async function startAgent(device: string, more: readonly string[] = []): Promise<AgentProcess> {
  const agent = await startLocalAgent(device, signal, more);
  agents.push(agent);
  return agent;
}

/** A weak device, on which one request takes about 100 ms, and a server that is worth 50 Mbit/s but not a hundredth of it. */
const clusterOf = (server: object) =>
  weakPair({ gigaflopsPerSecond: 0.25, memoryGigabytesPerSecond: 3, server, megabitsPerSecond: 50 });

describe('tandem run --adapt', () => {
  it.each([
    { what: 'leaves the server when its link turns slow', limit: 2e5, requests: 75, rate: ['--rate', '5'] },
    { what: 'keeps its plan while nothing changes', limit: null, requests: 50, rate: ['--rate', '5'] },
    { what: 'does so, too, where requests come as there is room', limit: 2e5, requests: 150, rate: [] },
  ])(
    '$what, and every request is answered',
    async ({ limit, requests, rate }) => {
      const proxy = await FaultProxy.open((await startAgent('server')).address);
      proxies.push(proxy);
      const cluster = join(folder, 'cluster.json');
      const secret = join(folder, 'token');
      const trace = join(folder, 'trace');
      await writeFile(cluster, JSON.stringify(clusterOf({ gigaflopsPerSecond: 60, address: proxy.address })));
      await writeFile(secret, token, { mode: 0o600 });
      const flags = ['--cluster', cluster, '--token', secret, '--planner', 'throughput-optimal', '--json'];
      const stream = ['--requests', String(requests), ...rate, '--adapt', '--trace', trace];
      const child = startCommand(folder, ['run', 'zoo:cifar-resnet-8', ...flags, ...stream]);
      child.stderr?.on('data', (data: Buffer) => {
        if (limit === null || !data.toString().includes(`answering ${requests} requests`)) return;
        void sleep(rate.length === 0 ? 0 : 4000).then(() => proxy.limit(limit));
      });
      const { status, stdout, stderr } = await finished(child);
      expect({ status, stderr }).toMatchObject({ status: 0 });
      const { stream: row } = JSON.parse(stdout) as RunResult;
      expect(row).toMatchObject({ answered: requests, failed: 0, differing: 0 });
      const { switches = [], decisions = [], plans } = row?.adapted ?? {};
      expect(plans).toBeGreaterThan(1);
      const { events } = readTrace((await readFile(trace, 'utf8')).split('\n'));
      const last = events.flatMap((event) => (event.kind === 'stage-end' ? [event] : [])).at(-1);
      if (limit === null) {
        expect({ switches, last }).toMatchObject({ switches: [], last: { device: 'server' } });
        return;
      }
      if (rate.length > 0) expect(switches).toHaveLength(1);
      else expect(switches.length).toBeGreaterThan(0);
      // Without a rate of their own, requests come as slowly as the link lets them, and that may be noticed before the link.
      if (rate.length > 0) expect(switches[0]?.message).toMatch(/pi > server carries .* instead of/);
      const [taken] = decisions.filter(({ reaction }) => reaction !== 'stay');
      expect(taken?.reaction).toMatch(/^(local-fallback|move-cut)$/);
      expect(taken?.considered).not.toBe('');
      if (rate.length > 0) expect(last?.device).toBe('pi');
      const onPi = events.filter((event) => event.kind === 'stage-end' && event.device === 'pi');
      expect(onPi.length).toBeGreaterThan(0);
    },
    120_000,
  );

  it('repairs what a killed device ran, then plans without it', async () => {
    const server = await startAgent('server');
    const cluster = join(folder, 'cluster.json');
    const secret = join(folder, 'token');
    const trace = join(folder, 'trace');
    await writeFile(cluster, JSON.stringify(clusterOf({ gigaflopsPerSecond: 60, address: server.address })));
    await writeFile(secret, token, { mode: 0o600 });
    const flags = ['--cluster', cluster, '--token', secret, '--planner', 'throughput-optimal', '--json'];
    const stream = ['--requests', '60', '--rate', '5', '--adapt', '--repair', '--trace', trace];
    const child = startCommand(folder, ['run', 'zoo:cifar-resnet-8', ...flags, ...stream]);
    child.stderr?.on('data', (data: Buffer) => {
      if (data.toString().includes('answering 60 requests'))
        void sleep(4000).then(() => process.kill(server.pid, 'SIGKILL'));
    });
    const { status, stdout, stderr } = await finished(child);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const { stream: row } = JSON.parse(stdout) as RunResult;
    expect(row).toMatchObject({ answered: 60, failed: 0, differing: 0 });
    const { events } = readTrace((await readFile(trace, 'utf8')).split('\n'));
    const told = events.filter(({ kind }) => ['device-lost', 'repair', 'replan'].includes(kind));
    expect(told.map(({ kind }) => kind)).toEqual(['device-lost', 'repair', 'replan']);
    const [, repair, replan] = told;
    expect(replan).toMatchObject({ message: expect.stringContaining('server was lost') });
    expect(repair).toMatchObject({ replaces: 1 });
    const last = events.flatMap((event) => (event.kind === 'stage-end' ? [event] : [])).at(-1);
    expect(last).toMatchObject({ device: 'pi', version: replan?.kind === 'replan' ? replan.version : -1 });
  }, 120_000);
});

const graph = graphOf(zooModel('cifar-resnet-8', { resolution: 32 }), { batch: 1 });
const problem = problemOf(graph, parseCluster(clusterOf({ gigaflopsPerSecond: 2.5, emulated: true })));

/** The server is worth its link as long as it is not much slower. */
const even = problemOf(graph, parseCluster(clusterOf({ gigaflopsPerSecond: 0.35, emulated: true })));

/** All of the model on one device. */
function choice(problem: Problem, device: string, version: number): AdaptiveChoice {
  const nodes = graph.nodes.map(({ id }) => id);
  const plan: Plan = {
    ...planOf(problem, problemDigest(problem, createSha256), [{ device, nodes }], `all on ${device}`),
    version,
  };
  const model = zooModel('cifar-resnet-8', { resolution: 32 });
  const sources = segmentSources({ model, graph, plan, createSha256 });
  const deployment = deploymentOf({
    problem,
    plan,
    segments: sources.map(({ manifest }) => manifest),
    paceSeconds: evaluate(problem, plan).stages.map(({ computeSeconds }) => computeSeconds),
    optimisation: 'basic',
  });
  const segments = segmentsByDigest(sources);
  return { plan, deployment, segments };
}

const clocks = [
  { device: 'server', hertz: hertz(2e9), highestHertz: hertz(2e9), threads: 1, imitated: true },
] as const;
const inputs = pictures(graph, 1);
const dwellSeconds = { network: 1, failure: 0, heat: 1, mission: 0, quality: 1, load: 1 };

describe('GatewayAdapter', () => {
  it('leaves a device that becomes twenty times slower, and no request fails', async () => {
    const started = [await startAgent('pi'), await startAgent('server')];
    const addresses = addressesOf(started);
    const gateway = await connectGateway({ transport: tcp(), clock: systemClock, token, addresses, signal });
    const choices = [choice(problem, 'server', 1), choice(problem, 'pi', 2)] as const;
    const deployOptions = ({ planner }: Plan) => ({ window: 8, ordered: true, trace: { planner }, clocks });
    try {
      const [{ plan, deployment, segments }] = choices;
      await gateway.deploy(deployment, segments, { ...deployOptions(plan), signal });
      const settings = { limits: { dwellSeconds } };
      const log = (): void => undefined;
      const options = { gateway, problem, choices, settings, deployOptions, log };
      const adapter = new GatewayAdapter({ ...options, clock: systemClock, signal });
      const replanned: string[] = [];
      gateway.feed.watch((event) => {
        if (event.kind === 'replan') replanned.push(event.message);
      });
      async function* items(): AsyncGenerator<StreamItem> {
        for (let index = 0, after = 0; index < 300 && after < 20; index++) {
          if (index === 30) await gateway.setClock('server', hertz(1e8), signal);
          if (replanned.length > 0) after++;
          yield { inputs, timeoutSeconds: seconds(60) };
          await sleep(150);
        }
      }
      const devices: string[] = [];
      for await (const { answer, error } of gateway.stream(items(), { window: 8, signal })) {
        expect(error).toBeNull();
        devices.push(answer?.stages[0]?.device ?? '');
      }
      await adapter.stop();
      // The switch gives the server its clock back, so that what it had begun may make it look well again: what follows is not judged.
      expect(replanned[0]).toMatch(/server takes .* times as long as planned/);
      expect(devices.slice(0, 30)).toEqual(Array.from({ length: 30 }, () => 'server'));
      expect(devices).toContain('pi');
    } finally {
      await gateway.close();
    }
  }, 120_000);

  it('slows down and then leaves a device whose sensors say that it is hot', async () => {
    const file = join(folder, 'server.json');
    const feel = async (reading: SensorReading): Promise<void> => {
      await writeFile(`${file}.new`, JSON.stringify(reading));
      await rename(`${file}.new`, file);
    };
    const limits = { limitCelsius: 85, highestHertz: hertz(2e9) };
    await feel({ temperatureCelsius: 60, ...limits });
    const started = [await startAgent('pi'), await startAgent('server', ['--sensors', file])];
    const addresses = addressesOf(started);
    const gateway = await connectGateway({ transport: tcp(), clock: systemClock, token, addresses, signal });
    const choices = [choice(even, 'server', 1), choice(even, 'pi', 2)] as const;
    const deployOptions = ({ planner }: Plan) => ({ window: 8, ordered: true, trace: { planner } });
    try {
      const [{ plan, deployment, segments }] = choices;
      await gateway.deploy(deployment, segments, { ...deployOptions(plan), signal });
      const events: TraceEvent[] = [];
      gateway.feed.watch((event) => void events.push(event));
      const adapter = new GatewayAdapter({
        gateway,
        problem: even,
        choices,
        settings: { limits: { dwellSeconds } },
        deployOptions,
        clock: systemClock,
        log: () => undefined,
        signal,
      });
      const sensed = (): readonly number[] =>
        events.flatMap((event) => (event.kind === 'sensed' ? [event.celsius ?? 0] : []));
      const reactions = (): readonly string[] =>
        events.flatMap((event) =>
          event.kind === 'adaptation' && event.reaction !== 'stay' ? [event.reaction] : [],
        );
      const isLeft = (): boolean => events.some(({ kind }) => kind === 'replan');
      const devices: string[] = [];
      for (let sent = 0, after = 0; sent < 300 && after < 5; sent++) {
        if (sent === 30) {
          expect({ sensed: new Set(sensed()), reactions: reactions() }).toEqual({
            sensed: new Set([60]),
            reactions: [],
          });
          await feel({ temperatureCelsius: 84, ...limits });
        }
        if (isLeft()) after++;
        const { stages } = await gateway.request(inputs, { timeoutSeconds: seconds(60), signal });
        devices.push(stages[0]?.device ?? '');
        await sleep(50);
      }
      await adapter.stop();
      expect(reactions().slice(0, 3)).toEqual(['clocks', 'shift-layers', 'shift-layers']);
      const clocks = events.find((event) => event.kind === 'adaptation' && event.reaction === 'clocks');
      expect(clocks).toMatchObject({ dynamic: 'heat', saw: 'server is at 84.0 °C of 85 °C' });
      expect(gateway.clocks).toMatchObject([{ device: 'server', actuator: 'pace', reason: null }]);
      expect(devices.slice(0, 30)).toEqual(Array.from({ length: 30 }, () => 'server'));
      expect(devices.at(-1)).toBe('pi');
    } finally {
      await gateway.close();
    }
  }, 120_000);
});
