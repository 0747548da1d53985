import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  bytes,
  type Codec,
  exampleCluster,
  inputShapes,
  nodeRanges,
  planOf,
  problemDigest,
  readPlan,
  readTrace,
  seconds,
  singleTensorCuts,
  writePlan,
  writeProfile,
} from '@tandem/core';
import { createSha256 } from '@tandem/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOutput } from '../../packages/cli/src/output.ts';
import { prepare } from '../../packages/cli/src/plan/prepare.ts';
import { type Finished, finished, startCommand } from '../command-line.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-command-'));
});
const children = new Set<ChildProcess>();
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  await rm(folder, { recursive: true });
});

function start(arguments_: readonly string[]): ChildProcess {
  const child = startCommand(folder, arguments_);
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

const tandem = (...arguments_: readonly string[]): Promise<Finished> => finished(start(arguments_));

interface RunAnswer {
  readonly agents: readonly { readonly device: string; readonly pid: number; readonly address: string }[];
  readonly stages: readonly {
    readonly device: string;
    readonly nodes: number;
    readonly measuredSeconds: number;
  }[];
  readonly equality: {
    readonly kind: string;
    readonly holds: boolean;
    readonly maxAbsoluteDifference: number;
    readonly sameTop1: boolean;
  };
  readonly transfers: readonly {
    readonly from: string;
    readonly bytes: number;
    readonly sentBytes: number;
  }[];
  readonly notExecuted: readonly string[];
  readonly predictedSeconds: number;
  readonly measuredSeconds: number;
  readonly labelsMeanNothing: boolean;
}

const parsed = ({ stdout }: Finished): RunAnswer => JSON.parse(stdout) as RunAnswer;

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A plan of `model` cut in the middle between the example cluster's devices. */
async function halfwayPlan(model: string, codec: Codec = { kind: 'raw' }): Promise<string> {
  const { loaded, problem, digest } = await prepare(model, { dimension: {} }, createOutput());
  const cuts = singleTensorCuts(problem.graph);
  const first = cuts[Math.floor(cuts.length / 2)]?.nodes ?? [];
  const second = problem.graph.nodes.map(({ id }) => id).filter((id) => !first.includes(id));
  const stages = [
    { device: 'pi', nodes: first },
    { device: 'server', nodes: second },
  ];
  await loaded.close();
  const path = join(folder, 'plan.json');
  const plan = planOf(problem, digest, stages, 'by-hand');
  const transfers = plan.transfers.map((transfer) => ({ ...transfer, codec }));
  await writeFile(path, writePlan({ ...plan, transfers }));
  return path;
}

/** What `tandem profile` would write of cifar-resnet-8 as a whole, had it taken 0.125 s, give or take. */
async function wholeProfile(): Promise<string> {
  const { loaded, problem } = await prepare('zoo:cifar-resnet-8', { dimension: {} }, createOutput());
  const { graph } = problem;
  const row = {
    kind: 'segment',
    name: nodeRanges(graph.nodes.map(({ id }) => id)),
    threads: 1,
    batch: 1,
    frequencyHertz: null,
    state: 'warm',
    seconds: seconds(0.125),
    spreadSeconds: seconds(0.03125),
  } as const;
  const text = writeProfile({
    model: {
      name: loaded.name,
      digest: await loaded.digest(),
      nodes: graph.nodes.length,
      batches: [{ batch: 1, inputs: inputShapes(graph) }],
    },
    device: 'server',
    runtime: 'by hand',
    machine: { processor: 'any', cores: 1, memoryBytes: bytes(1), system: 'any' },
    passes: 2,
    rows: [row],
    repeatability: [{ batch: 1, threads: 1, rmsLogRatio: null }],
  });
  await loaded.close();
  const path = join(folder, 'profile.json');
  await writeFile(path, text);
  return path;
}

describe('tandem run', () => {
  it('foretells from measured times, with their error, beside what it measures', async () => {
    const profile = await wholeProfile();
    const arguments_ = ['run', 'zoo:cifar-resnet-8', '--profile', profile, '--planner', 'all-server'];
    const finished = await tandem(...arguments_, '--json');
    expect(finished).toMatchObject({ status: 0 });
    const answer: unknown = JSON.parse(finished.stdout);
    expect(answer).toMatchObject({
      predictedSource: 'measured',
      computeErrorSeconds: 0.015625,
      stages: [{ device: 'server', predictedSeconds: 0.125 }],
      equality: { holds: true },
    });
    expect(parsed(finished).predictedSeconds).toBeGreaterThanOrEqual(0.125);
    expect(parsed(finished).measuredSeconds).toBeGreaterThan(0);
    const { stdout } = await tandem(...arguments_);
    expect(stdout).toMatch(/request: \d+ ms ± 15\.6 ms predicted \(measured\), .* measured/);
  });

  it('splits a model between two processes, answers like the whole, and leaves nothing behind', async () => {
    const plan = await halfwayPlan('zoo:cifar-resnet-8');
    const finished = await tandem('run', 'zoo:cifar-resnet-8', '--plan', plan, '--json');
    expect(finished).toMatchObject({ status: 0 });
    const answer = parsed(finished);
    expect(answer.stages.map(({ device }) => device)).toEqual(['pi', 'server']);
    expect(answer.equality).toMatchObject({ kind: 'c', holds: true });
    expect(answer).toMatchObject({ transport: 'tcp', notExecuted: [], labelsMeanNothing: true });
    expect(answer.measuredSeconds).toBeGreaterThanOrEqual(answer.stages[0]?.measuredSeconds ?? Infinity);
    const pids = answer.agents.map(({ pid }) => pid);
    expect(new Set(pids).size).toBe(2);
    expect(pids.filter(alive)).toEqual([]);
    expect(await readdir(folder)).toEqual(['plan.json']);
  });

  it('is bit for bit the whole model at basic optimisation', async () => {
    const plan = await halfwayPlan('zoo:cifar-resnet-8');
    const finished = await tandem(
      'run',
      'zoo:cifar-resnet-8',
      '--plan',
      plan,
      '--optimisation',
      'basic',
      '--json',
    );
    expect(parsed(finished).equality).toMatchObject({ kind: 'b', holds: true, maxAbsoluteDifference: 0 });
  });

  it('sends coded tensors in as many bytes as the plan says, and claims no more than the top-1', async () => {
    const plan = await halfwayPlan('zoo:cifar-resnet-8', { kind: 'affine', bits: 8, perChannel: true });
    const finished = await tandem('run', 'zoo:cifar-resnet-8', '--plan', plan, '--json');
    const { transfers, equality, notExecuted } = parsed(finished);
    expect(notExecuted).toEqual([]);
    const [there] = transfers;
    expect(there).toMatchObject({ from: 'pi', codec: 'affine8-channels', sentBytes: there?.bytes });
    // 32 channels of 16 × 16 bytes with a range each, instead of floats.
    expect(there?.bytes).toBe(8 + 32 * 8 + 32 * 16 * 16);
    expect(equality).toMatchObject({ kind: 'lossy', holds: equality.sameTop1 });
    expect(equality.maxAbsoluteDifference).toBeGreaterThan(0);
    expect(finished.status).toBe(equality.holds ? 0 : 1);
  });

  it('answers many requests at once, says what they came to, and saves what happened', async () => {
    const [trace, perfetto] = [join(folder, 'trace.jsonl'), join(folder, 'perfetto.json')];
    const files = ['--trace', trace, '--perfetto', perfetto];
    const many = ['--requests', '12', '--window', '4', '--planner', 'even-split'];
    const finished = await tandem('run', 'zoo:cifar-resnet-8', ...many, ...files, '--json');
    expect(finished.status).toBe(0);
    const { stream, notExecuted } = JSON.parse(finished.stdout) as {
      readonly notExecuted: readonly string[];
      readonly stream: { readonly metrics: { readonly devices: readonly { readonly jobs: number }[] } };
    };
    expect(notExecuted).toEqual([]);
    expect(stream).toMatchObject({ answered: 12, failed: 0, differing: 0 });
    expect(stream.metrics).toMatchObject({ origin: 'measured', requests: { arrived: 12, answered: 12 } });
    expect(stream.metrics.devices.map(({ jobs }) => jobs)).toEqual([12, 12]);
    const { header, events } = readTrace((await readFile(trace, 'utf8')).split('\n'));
    expect(header).toMatchObject({ origin: 'measured', model: 'cifar-resnet-8' });
    expect(events.filter(({ kind }) => kind === 'answer')).toHaveLength(12);
    expect(JSON.parse(await readFile(perfetto, 'utf8'))).toHaveProperty('traceEvents');
  });

  it('asks for more than one request where a trace is wanted', async () => {
    const { status, stderr } = await tandem('run', 'zoo:cifar-resnet-8', '--trace', join(folder, 'trace'));
    expect(status).toBe(1);
    expect(stderr).toContain('--requests N');
  });

  it.each(['--mission', '--sensors'])('refuses %s where nobody adapts to it', async (flag) => {
    const { status, stderr } = await tandem('run', 'zoo:cifar-resnet-8', '--requests', '2', flag, folder);
    expect(status).toBe(1);
    expect(stderr).toContain(`${flag} was given without --adapt`);
  });

  it('refuses what is about another model where there is none', async () => {
    const run = ['run', 'zoo:cifar-resnet-8', '--stream', folder, '--beside-rate', '3'];
    const { status, stderr } = await tandem(...run);
    expect(status).toBe(1);
    expect(stderr).toContain('--beside-rate was given without --beside');
  });

  it.each(['--repair', '--both', '--unordered'])('refuses %s with a stream of frames', async (flag) => {
    const { status, stderr } = await tandem('run', 'zoo:cifar-resnet-8', '--stream', folder, flag);
    expect(status).toBe(1);
    expect(stderr).toContain(`${flag} was given with a stream of frames`);
  });

  it('refuses a plan that was made for another problem', async () => {
    const plan = await halfwayPlan('zoo:cifar-resnet-8');
    const { status, stdout } = await tandem('run', 'zoo:mobilenet-v2', '--plan', plan, '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { name: 'RefusedError' } });
  });

  it('cleans up when it is interrupted', async () => {
    const plan = await halfwayPlan('zoo:cifar-resnet-8');
    const child = start(['run', 'zoo:cifar-resnet-8', '--plan', plan]);
    const ended = finished(child);
    await new Promise<void>((resolve) => {
      child.stderr?.on('data', (data: Buffer) => {
        if (data.toString().includes('sending')) resolve();
      });
    });
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ status: 1 });
    expect(await readdir(folder)).toEqual(['plan.json']);
  });
});

describe('tandem plan', () => {
  it('saves a plan that reads back for the same problem', async () => {
    const path = join(folder, 'plan.json');
    const finished = await tandem('plan', 'zoo:cifar-resnet-8', '--output', path, '--json');
    expect(finished.status).toBe(0);
    const printed = JSON.parse(finished.stdout) as {
      readonly plan: unknown;
      readonly why: { readonly sentence: string };
    };
    const { loaded, problem } = await prepare('zoo:cifar-resnet-8', { dimension: {} }, createOutput());
    await loaded.close();
    expect(problem.cluster).toEqual(exampleCluster());
    const digest = problemDigest(problem, createSha256);
    expect(readPlan(await readFile(path, 'utf8'), problem, digest)).toEqual(printed.plan);
    expect(printed.why.sentence).not.toBe('');
  });

  it('tells wrong usage in JSON where JSON was asked for', async () => {
    const { status, stdout } = await tandem('plan', '--objective', 'fame', '--json');
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { name: 'UsageError' } });
  });

  it('says which line of a cluster file is wrong', async () => {
    const path = join(folder, 'cluster.yaml');
    await writeFile(
      path,
      'hosts:\n  - { id: a, memoryGigabytes: 1 }\ndevices:\n  - { id: a, host: b, kind: cpu, gigaflopsPerSecond: 1, memoryGigabytesPerSecond: 1 }\n',
    );
    const { status, stderr } = await tandem('plan', 'zoo:cifar-resnet-8', '--cluster', path);
    expect(status).toBe(1);
    expect(stderr).toMatch(/cluster\.yaml:4/);
  });
});

describe('tandem catalogue', () => {
  it('lists what a cluster file can name, and plans with it are bound to the points of a trace, not to its file', async () => {
    const listed = JSON.parse((await tandem('catalogue', '--json')).stdout) as {
      readonly devices: readonly { readonly name: string }[];
    };
    expect(listed.devices.map(({ name }) => name)).toContain('jetson-nano');
    const cluster = (trace: string): string =>
      `hosts:\n  - { id: h, memoryGigabytes: 16 }\ndevices:\n  - { id: a, host: h, like: raspberry-pi-5 }\n  - { id: b, host: h, like: jetson-nano }\nlinks:\n  - { from: a, to: b, trace: ${trace}, bothWays: true }\n`;
    const digests: string[] = [];
    for (const [trace, rate] of [
      ['one.txt', 20],
      ['two.txt', 20],
      ['three.txt', 21],
    ] as const) {
      await writeFile(join(folder, trace), `5 ${rate}\n6 0\n`);
      await writeFile(join(folder, 'cluster.yaml'), cluster(trace));
      const { loaded, digest } = await prepare(
        'zoo:cifar-resnet-8',
        { cluster: join(folder, 'cluster.yaml'), dimension: {} },
        createOutput(),
      );
      await loaded.close();
      digests.push(digest);
    }
    expect(digests[1]).toBe(digests[0]);
    expect(digests[2]).not.toBe(digests[0]);
  });
});

describe('tandem agent', () => {
  it('serves a run that knows its token and refuses one that does not', async () => {
    const token = join(folder, 'token');
    const other = join(folder, 'other');
    await writeFile(token, 'a secret of the two machines', { mode: 0o600 });
    await writeFile(other, 'a secret of somebody else', { mode: 0o600 });
    const agent = start(['agent', '--listen', '127.0.0.1:0', '--token', token, '--json']);
    const ended = finished(agent);
    const address = await new Promise<string>((resolve) => {
      agent.stdout?.once('data', (data: Buffer) =>
        resolve((JSON.parse(data.toString()) as { address: string }).address),
      );
    });
    const cluster = join(folder, 'cluster.yaml');
    await writeFile(
      cluster,
      `hosts: [{ id: here, memoryGigabytes: 1 }, { id: there, memoryGigabytes: 4 }]
devices:
  - { id: here, host: here, kind: cpu, gigaflopsPerSecond: 0.1, memoryGigabytesPerSecond: 3 }
  - { id: there, host: there, kind: cpu, gigaflopsPerSecond: 60, memoryGigabytesPerSecond: 10, address: '${address}' }
links: [{ from: here, to: there, megabitsPerSecond: 100, bothWays: true }]
`,
    );
    const run = (file: string): Promise<Finished> =>
      tandem('run', 'zoo:cifar-resnet-8', '--cluster', cluster, '--token', file, '--json');
    const served = await run(token);
    expect(parsed(served).agents).toContainEqual({ device: 'there', pid: agent.pid, address });
    const refused = await run(other);
    expect(refused.status).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { name: 'RefusedError' } });
    expect((await run(token)).status).toBe(0);
    agent.kill('SIGTERM');
    expect(await ended).toMatchObject({ status: 0 });
    expect((await readdir(folder)).sort()).toEqual(['cluster.yaml', 'other', 'token']);
  });
});

describe('usage', () => {
  it.each([
    ['an unknown command', ['fly'], 2],
    ['an unknown option', ['run', '--fast'], 2],
    ['a missing argument', ['inspect'], 2],
    ['a dimension without a size', ['inspect', 'zoo:alexnet', '--dimension', 'N'], 2],
    ['a bad number', ['run', '--timeout', 'soon'], 2],
    ['help', ['--help'], 0],
    ['the version', ['--version'], 0],
    ['a model that is not there', ['inspect', 'no-such-model.onnx'], 1],
    ['an unknown network', ['plan', 'zoo:resnet-5'], 1],
    ['a device of the catalogue', ['catalogue', 'google-edge-tpu'], 0],
    ['an unknown device', ['catalogue', 'abacus'], 1],
  ])('%s', async (_, arguments_, status) => {
    expect(await tandem(...arguments_)).toMatchObject({ status });
  });
});
