import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  mixedPlan,
  type Plan,
  planOf,
  problemDigest,
  readTrace,
  type Stage,
  singleTensorCuts,
  writePlan,
} from '@tandem/core';
import { createSha256 } from '@tandem/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOutput } from '../../packages/cli/src/output.ts';
import { type Prepared, prepare } from '../../packages/cli/src/plan/prepare.ts';
import { main } from '../command-line.ts';

const model = 'zoo:cifar-resnet-8';
const requests = 12;

/** A camera with two helpers, all three this machine. */
const cluster = {
  name: 'three processes',
  hosts: ['camera', 'left', 'right'].map((id) => ({ id, memoryGigabytes: 1 })),
  devices: ['camera', 'left', 'right'].map((id) => ({
    id,
    host: id,
    kind: 'cpu',
    gigaflopsPerSecond: 10,
    memoryGigabytesPerSecond: 10,
    launchMicroseconds: 5,
  })),
  links: ['left', 'right'].map((to) => ({
    from: 'camera',
    to,
    megabitsPerSecond: 1000,
    roundTripMilliseconds: 0.1,
    bothWays: true,
  })),
  source: 'camera',
};

let folder = '';
let prepared: Prepared;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-ways-'));
  await writeFile(join(folder, 'cluster.json'), JSON.stringify(cluster));
  const named = { dimension: {}, cluster: join(folder, 'cluster.json'), requests };
  prepared = await prepare(model, named, createOutput());
});
afterEach(async () => {
  await prepared.loaded.close();
  await rm(folder, { recursive: true });
});

interface Ran {
  readonly status: number | null;
  readonly answer: {
    readonly notExecuted: readonly string[];
    readonly equality: { readonly kind: string; readonly holds: boolean };
    readonly agents: readonly { readonly device: string }[];
    readonly stream: { readonly metrics: { readonly devices: readonly Jobs[] } };
  };
  /** Device of every stage's start by its number, of the stream's requests. */
  readonly started: readonly string[];
}

interface Jobs {
  readonly device: string;
  readonly jobs: number;
}

/** `tandem run` of a saved plan with real processes, and what its trace says ran where. */
async function ran(plan: Plan): Promise<Ran> {
  const saved = join(folder, 'plan.json');
  await writeFile(saved, writePlan(plan));
  return ranWith('--cluster', join(folder, 'cluster.json'), '--plan', saved);
}

async function ranWith(...arguments_: readonly string[]): Promise<Ran> {
  const trace = join(folder, 'trace.jsonl');
  const many = ['--requests', String(requests), '--optimisation', 'basic', '--trace', trace, '--json'];
  const child = spawn(process.execPath, [main, 'run', model, ...arguments_, ...many]);
  let text = '';
  child.stdout.on('data', (data: Buffer) => {
    text += data.toString();
  });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const answer = JSON.parse(text) as Ran['answer'];
  const { events } = readTrace((await readFile(trace, 'utf8')).split('\n'));
  const started = events.flatMap((event) =>
    event.kind === 'stage-start' ? [`${event.stage} on ${event.device}`] : [],
  );
  return { status, answer, started };
}

/** The model cut where so much of its cuts is before, the front on the first device. */
function cutAt(share: number, front: string, back: string): [Stage, Stage] {
  const cuts = singleTensorCuts(prepared.problem.graph);
  const before = new Set(cuts[Math.floor(share * cuts.length)]?.nodes ?? []);
  const nodes = prepared.problem.graph.nodes.map(({ id }) => id);
  return [
    { device: front, nodes: nodes.filter((id) => before.has(id)) },
    { device: back, nodes: nodes.filter((id) => !before.has(id)) },
  ];
}

const planned = (stages: readonly Stage[]): Plan =>
  planOf(prepared.problem, problemDigest(prepared.problem, createSha256), stages, 'by hand');

const jobsOf = ({ answer }: Ran): readonly (readonly [string, number])[] =>
  answer.stream.metrics.devices
    .map(({ device, jobs }): [string, number] => [device, jobs])
    .toSorted(([left], [right]) => left.localeCompare(right));

const count = (texts: readonly string[], text: string): number => texts.filter((one) => one === text).length;

/** As the whole model answers, bit for bit. */
const allAnswered = {
  notExecuted: [],
  equality: { kind: 'b', holds: true },
  stream: { answered: 12, failed: 0, differing: 0 },
};

describe('tandem run of a plan whose requests run in several ways', () => {
  it('shares the requests of a stage among its replicas by their weights, bit for bit', async () => {
    const [front, back] = cutAt(0.5, 'camera', 'left');
    const replicas = [
      { device: 'left', weight: 2 },
      { device: 'right', weight: 1 },
    ];
    const plan = planned([front, { ...back, replicas }]);
    const result = await ran(plan);
    expect(result.status).toBe(0);
    expect(result.answer).toMatchObject(allAnswered);
    expect(jobsOf(result)).toEqual([
      ['camera', 12],
      ['left', 8],
      ['right', 4],
    ]);
    expect(count(result.started, '1 on left')).toBe(8);
    expect(count(result.started, '1 on right')).toBe(4);
  });

  it('runs each request of a mix by its way, and every way answers like the whole model', async () => {
    const [early, late] = [planned(cutAt(0.3, 'camera', 'left')), planned(cutAt(0.7, 'camera', 'right'))];
    const plan = mixedPlan([early, late], [0, 1, 0]);
    const result = await ran(plan);
    expect(result.status).toBe(0);
    expect(result.answer).toMatchObject(allAnswered);
    expect(jobsOf(result)).toEqual([
      ['camera', 12],
      ['left', 8],
      ['right', 4],
    ]);
    // Stages of the second way have numbers of their own.
    expect(
      ['0 on camera', '1 on left', '2 on camera', '3 on right'].map((one) => count(result.started, one)),
    ).toEqual([8, 8, 4, 4]);
  });

  it('runs what JPS plans for a batch: some requests here, some there, all answered like the whole model', async () => {
    const result = await ranWith('--planner', 'jps-hull', '--objective', 'makespan');
    expect(result.status).toBe(0);
    expect(result.answer).toMatchObject(allAnswered);
    const jobs = new Map(jobsOf(result));
    expect([...jobs.keys()]).toEqual(['pi', 'server']);
    expect(jobs.get('server')).toBeGreaterThan(0);
    expect(jobs.get('server')).toBeLessThan(12);
    expect(new Set(result.started).size).toBeGreaterThan(1);
  });
});
