import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readTrace, type StageEvent, type Trace } from '@tandem/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunResult } from '../../packages/cli/src/run/run-result.ts';
import type { ModelMetrics } from '../../packages/cli/src/simulate/beside-models.ts';
import { type Finished, finished, startCommand } from '../command-line.ts';
import { startLocalAgent, token } from '../local-agent.ts';

/** Two slow boards, imitated: the model on one of them takes much longer than this machine needs for it. */
const board = { kind: 'cpu', gigaflopsPerSecond: 5, memoryGigabytesPerSecond: 5, emulated: true };
const cluster = {
  name: 'two boards',
  hosts: ['pi', 'desk'].map((id) => ({ id, memoryGigabytes: 1 })),
  devices: ['pi', 'desk'].map((id) => ({ ...board, id, host: id })),
  links: [{ from: 'pi', to: 'desk', megabitsPerSecond: 100, roundTripMilliseconds: 1, bothWays: true }],
  source: 'pi',
};
const models = ['zoo:cifar-resnet-8', 'zoo:mobilenet-v2'] as const;

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-two-'));
  path = join(folder, 'cluster.json');
  await writeFile(path, JSON.stringify(cluster));
});
afterEach(() => rm(folder, { recursive: true }));

/** So many requests of the first model, now and then. */
const tenASecond = (requests: number): readonly string[] =>
  `--planner throughput-optimal --objective period --requests ${requests} --rate 10`.split(' ');

/** The first model with a request now and then, the second as fast as it goes. */
async function both(
  priority: string,
  ...more: readonly string[]
): Promise<Finished & { readonly trace: Trace }> {
  const trace = join(folder, 'trace');
  const flags = ['--cluster', path, '--optimisation', 'basic', '--json', '--trace', trace, ...more];
  const first = tenASecond(30);
  const second = ['--beside', models[1], '--beside-planner', 'throughput-optimal', '--beside-requests', '40'];
  const ran = await finished(
    startCommand(folder, ['run', models[0], ...flags, ...first, ...second, '--priority', priority]),
  );
  expect({ status: ran.status, stderr: ran.stderr }).toMatchObject({ status: 0 });
  return { ...ran, trace: readTrace((await readFile(trace, 'utf8')).split('\n')) };
}

const starts = ({ events }: Trace): readonly StageEvent[] =>
  events.flatMap((event) => (event.kind === 'stage-start' ? [event] : []));

const isFirst = ({ version }: { readonly version: number }): boolean => version < 10_000;

/** How many stages of the second model began, on average, on a device that had what a stage of the first reads, before that did. */
function overtaken({ events }: Trace): number {
  const since = new Map<string, number>();
  const begun = new Map<string, number>();
  let [all, count] = [0, 0];
  for (const event of events) {
    if (event.kind === 'tensor-arrived' && event.to !== null && isFirst(event))
      since.set(`${event.request} ${event.to}`, begun.get(event.to) ?? 0);
    if (event.kind !== 'stage-start') continue;
    const { device } = event;
    if (!isFirst(event)) begun.set(device, (begun.get(device) ?? 0) + 1);
    for (const request of isFirst(event) ? event.requests : []) {
      count++;
      all += (begun.get(device) ?? 0) - (since.get(`${request} ${device}`) ?? 0);
    }
  }
  expect(count).toBe(60);
  return all / count;
}

describe('tandem run --beside', () => {
  it('runs two models on the same agents, each answer bit for bit that of its whole model, the more important one first', async () => {
    const ran = await both('5', '--both');
    const result = JSON.parse(ran.stdout) as RunResult;
    const [other, ...more] = result.beside ?? [];
    expect(more).toEqual([]);
    expect(result).toMatchObject({ priority: 5, equality: { kind: 'b', holds: true } });
    expect(other).toMatchObject({ equality: { kind: 'b', holds: true } });
    expect(result.stream).toMatchObject({ answered: 30, failed: 0, differing: 0 });
    expect(other?.stream).toMatchObject({ answered: 40, failed: 0, differing: 0 });
    expect(other?.agents).toEqual(result.agents);
    expect(new Set(result.agents.map(({ pid }) => pid)).size).toBe(2);
    // Both models really were on each device at the same time.
    for (const device of ['pi', 'desk']) {
      const versions = starts(ran.trace).flatMap((event) => (event.device === device ? [event.version] : []));
      const turns = versions.filter((version, at) => at > 0 && version !== versions[at - 1]).length;
      expect(turns).toBeGreaterThan(10);
    }
    // One may begin while the tensor is decoded.
    expect(overtaken(ran.trace)).toBeLessThan(1);
    expect(result.stream?.metrics.requests.answered).toBe(30);
    expect(result.stream?.simulated?.requests.answered).toBe(30);
    expect(other?.stream?.simulated?.requests.answered).toBe(40);
  }, 120_000);

  it('lets the first model wait where the second matters more, whose stages are cut at layers', async () => {
    const { trace, stdout } = await both('-5', '--beside-turn', '0.01');
    const [other] = (JSON.parse(stdout) as RunResult).beside ?? [];
    expect(other?.stages.length).toBeGreaterThan(8);
    expect(other).toMatchObject({
      equality: { kind: 'b', holds: true },
      stream: { answered: 40, differing: 0 },
    });
    expect(overtaken(trace)).toBeGreaterThan(3);
  }, 120_000);

  it('answers all requests of both, bit for bit, when a device is killed on the way', async () => {
    const secret = join(folder, 'token');
    await writeFile(secret, token, { mode: 0o600 });
    const signal = AbortSignal.timeout(110_000);
    const victim = await startLocalAgent('desk', signal);
    try {
      const { emulated: _emulated, ...real } = board;
      const [pi] = cluster.devices;
      const devices = [pi, { ...real, id: 'desk', host: 'desk', address: victim.address }];
      await writeFile(path, JSON.stringify({ ...cluster, devices }));
      const plain = ['--cluster', path, '--token', secret, '--optimisation', 'basic', '--repair', '--json'];
      const first = tenASecond(60);
      const second = ['--beside', models[0], '--beside-planner', 'throughput-optimal', '--beside-rate', '10'];
      const child = startCommand(folder, [
        'run',
        models[0],
        ...plain,
        ...first,
        ...second,
        '--priority',
        '1',
      ]);
      child.stderr?.on('data', (data: Buffer) => {
        if (data.toString().includes('answering 60 requests of'))
          void sleep(2000).then(() => process.kill(victim.pid, 'SIGKILL'));
      });
      const { status, stdout, stderr } = await finished(child);
      expect({ status, stderr }).toMatchObject({ status: 0 });
      const result = JSON.parse(stdout) as RunResult;
      for (const { stream } of [result, ...(result.beside ?? [])]) {
        expect(stream).toMatchObject({ answered: 60, failed: 0, differing: 0 });
        expect(stream?.metrics.requests).toMatchObject({ arrived: 60, answered: 60 });
      }
      expect(stderr).toMatch(/repairs version 1:/);
      expect(stderr).toMatch(/repairs version 10000:/);
    } finally {
      await victim.stop();
    }
  }, 120_000);

  it.each([
    {
      what: 'both do not fit on a device',
      flags: ['--beside', models[1], '--requests', '2'],
      memory: { memoryGigabytes: 0.012 },
      message: /no planner has a feasible plan/,
    },
    {
      what: 'nothing is beside it',
      flags: ['--beside-rate', '1'],
      memory: {},
      message: /^--beside-rate was given/,
    },
    {
      what: 'there is one request',
      flags: ['--beside', models[1]],
      memory: {},
      message: /^--beside was given/,
    },
  ])('refuses before anything is started when $what', async ({ flags, memory, message }) => {
    const [pi] = cluster.devices;
    const small = { ...cluster, devices: [{ ...pi, ...memory }], links: [], hosts: [cluster.hosts[0]] };
    await writeFile(path, JSON.stringify(small));
    const { status, stdout, stderr } = await finished(
      startCommand(folder, [
        'run',
        models[0],
        '--cluster',
        path,
        '--planner',
        'all-local',
        '--json',
        ...flags,
      ]),
    );
    expect(status).toBe(1);
    const { error } = JSON.parse(stdout) as { readonly error: { readonly message: string } };
    expect(error.message).toMatch(message);
    expect(stderr).not.toContain('sending');
  });
});

interface Both {
  readonly models: readonly ModelMetrics[];
  readonly run: {
    readonly answered: number;
    readonly differing: number;
    readonly models: readonly ModelMetrics[];
  };
}

describe('tandem simulate --both', () => {
  it('runs the models of a scenario on the same agents', async () => {
    const file = join(folder, 'scenario.json');
    const one = { planner: 'throughput-optimal', window: 4 };
    await writeFile(
      file,
      JSON.stringify({
        ...one,
        model: models[0],
        cluster: 'cluster.json',
        objective: 'period',
        arrivals: { kind: 'periodic', seconds: 0.05, requests: 12 },
        priority: 1,
        beside: [{ ...one, model: models[1], arrivals: { kind: 'batch', requests: 8 } }],
      }),
    );
    const { status, stdout, stderr } = await finished(
      startCommand(folder, ['simulate', file, '--both', '--json']),
    );
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const { models: simulated, run } = JSON.parse(stdout) as Both;
    expect(run).toMatchObject({ answered: 20, differing: 0 });
    const counts = (all: readonly ModelMetrics[]): readonly object[] =>
      all.map(({ model, requests }) => ({ model, requests }));
    expect(counts(run.models)).toEqual(counts(simulated));
    expect(run.models.map(({ requests }) => requests.answered)).toEqual([12, 8]);
  }, 120_000);
});
