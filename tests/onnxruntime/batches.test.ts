import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Plan,
  planOf,
  problemDigest,
  readTrace,
  type Stage,
  seconds,
  singleTensorCuts,
  writePlan,
} from '@tandem/core';
import { createSha256 } from '@tandem/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOutput } from '../../packages/cli/src/output.ts';
import { type Prepared, prepare } from '../../packages/cli/src/plan/prepare.ts';
import { main } from '../command-line.ts';

const model = 'zoo:cifar-resnet-8';

/** A camera and a server that takes as long to begin an operator as for everything else: both this machine. */
const cluster = (kind: 'real' | 'imitated'): object => ({
  name: 'two processes',
  hosts: ['camera', 'server'].map((id) => ({ id, memoryGigabytes: 1 })),
  devices: ['camera', 'server'].map((id) => ({
    id,
    host: id,
    kind: 'cpu',
    gigaflopsPerSecond: 10,
    memoryGigabytesPerSecond: 10,
    launchMicroseconds: id === 'server' ? 4000 : 5,
    ...(kind === 'imitated' ? { emulated: true } : {}),
  })),
  links: [
    { from: 'camera', to: 'server', megabitsPerSecond: 1000, roundTripMilliseconds: 0.1, bothWays: true },
  ],
  source: 'camera',
});

let folder = '';
let prepared: Prepared | null = null;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-batches-'));
});
afterEach(async () => {
  await prepared?.loaded.close();
  prepared = null;
  await rm(folder, { recursive: true });
});

interface Ran {
  readonly answer: {
    readonly notExecuted: readonly string[];
    readonly equality: { readonly kind: string; readonly holds: boolean };
    readonly stages: readonly { readonly predictedSeconds: number; readonly measuredSeconds: number }[];
    readonly stream: {
      readonly answered: number;
      readonly metrics: {
        readonly devices: readonly { readonly device: string; readonly busySeconds: number }[];
      };
    };
  };
  /** By start of the second stage, how many of the stream's requests ran in it. */
  readonly together: readonly number[];
}

/** `tandem run` of the model with its back half as `back` says, by real processes, and what its trace says ran together. */
async function ran(
  back: Partial<Stage>,
  requests: number,
  flags: readonly string[] = [],
  kind: 'real' | 'imitated' = 'real',
): Promise<Ran> {
  const path = join(folder, 'cluster.json');
  await writeFile(path, JSON.stringify(cluster(kind)));
  prepared = await prepare(model, { dimension: {}, cluster: path, requests }, createOutput());
  const saved = join(folder, 'plan.json');
  await writeFile(saved, writePlan(planned(prepared, back)));
  const trace = join(folder, 'trace.jsonl');
  const wanted = [
    '--cluster',
    path,
    '--plan',
    saved,
    '--requests',
    String(requests),
    '--trace',
    trace,
    '--json',
    ...flags,
  ];
  const child = spawn(process.execPath, [main, 'run', model, ...wanted]);
  let text = '';
  let said = '';
  child.stdout.on('data', (data: Buffer) => {
    text += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    said += data.toString();
  });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (status !== 0) throw new Error(said);
  const { events } = readTrace((await readFile(trace, 'utf8')).split('\n'));
  const together = events.flatMap((event) =>
    event.kind === 'stage-start' && event.stage === 1 ? [event.requests.length] : [],
  );
  return { answer: JSON.parse(text) as Ran['answer'], together };
}

function planned({ problem }: Prepared, back: Partial<Stage>): Plan {
  const cuts = singleTensorCuts(problem.graph);
  const before = new Set(cuts[Math.floor(cuts.length / 2)]?.nodes ?? []);
  const nodes = problem.graph.nodes.map(({ id }) => id);
  const stages = [
    { device: 'camera', nodes: nodes.filter((id) => before.has(id)) },
    { device: 'server', nodes: nodes.filter((id) => !before.has(id)), ...back },
  ];
  return planOf(problem, problemDigest(problem, createSha256), stages, 'by hand');
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

describe('tandem run of a plan with batches', () => {
  it.each([['tcp'], ['websocket']])(
    'answers like the whole model, full batches and one left over, over %s',
    async (transport) => {
      const wait = { batch: 4, batchWaitSeconds: seconds(2) };
      const { answer, together } = await ran(wait, 13, ['--transport', transport]);
      expect(answer).toMatchObject({
        notExecuted: [],
        equality: { kind: 'c', holds: true },
        stream: { answered: 13, failed: 0, differing: 0 },
      });
      expect(together).toEqual([4, 4, 4, 1]);
    },
  );

  it('runs together what is ready where nobody is to wait', async () => {
    const { answer, together } = await ran({ batch: 8 }, 24);
    expect(answer.stream).toMatchObject({ answered: 24, failed: 0, differing: 0 });
    expect(sum(together)).toBe(24);
    expect(Math.max(...together)).toBeLessThanOrEqual(8);
  });

  it('takes an imitated device for as long as the plan says of a batch, and less in sum than one by one', async () => {
    const wait = { batch: 4, batchWaitSeconds: seconds(2) };
    const requests = 16;
    const { answer, together } = await ran(wait, requests, [], 'imitated');
    expect(together).toEqual([4, 4, 4, 4]);
    const { predictedSeconds = 0 } = answer.stages[1] ?? {};
    const busy = answer.stream.metrics.devices.find(({ device }) => device === 'server')?.busySeconds ?? 0;
    // A launch of an operator counts once for all four: a law of sleeping, not of this machine's speed.
    expect(busy).toBeGreaterThan((requests / 4) * predictedSeconds);
    expect(busy).toBeLessThan(requests * predictedSeconds);
  });
});
