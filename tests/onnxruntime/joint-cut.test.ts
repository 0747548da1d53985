import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  calibratedPolicies,
  createEvaluator,
  cutAt,
  cutTensors,
  type Plan,
  planOf,
  readTrace,
  writePlan,
} from '@tandem/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { prepare } from '../../packages/cli/src/plan/prepare.ts';
import type { FrameResult } from '../../packages/cli/src/run/frame-command.ts';
import { printed } from '../command-line.ts';
import { dataFolder } from '../data.ts';
import { weakPair } from '../weak-pair.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-joint-cut-'));
});
afterAll(() => rm(folder, { recursive: true }));

const cluster = weakPair({ gigaflopsPerSecond: 2, megabitsPerSecond: 2 });
/** What is added there: a block's two branches. */
const branches = [
  'model/batch_normalization_6/FusedBatchNormV3_model/conv2d_7/BiasAdd/ReadVariableOp/resource_model/conv2d_7/BiasAdd_model/conv2d_8/Conv2D_model/conv2d_7/Conv2D',
  'model/conv2d_8/BiasAdd_model/conv2d_8/Conv2D_model/conv2d_8/BiasAdd/ReadVariableOp/resource1',
];

/** Cut at the branches, all that comes before in one stage, and decided about as calibrated. */
async function planAt(model: string, fleet: string, calibration: string): Promise<Plan> {
  const output = { json: true, progress: () => undefined, answer: () => undefined };
  const { problem, digest, loaded } = await prepare(
    model,
    { cluster: fleet, calibration, dimension: {} },
    output,
  );
  await loaded.close();
  const { nodes, boundary } = cutAt(problem.graph, branches);
  const behind = [...problem.graph.nodes.keys()].filter((node) => !nodes.includes(node));
  const stages = [
    { device: 'pi', nodes },
    { device: 'server', nodes: behind },
  ];
  const bits = problem.accuracy?.chosen?.find((row) => cutTensors(row).length === 2)?.bits.at(-1)?.bits ?? 8;
  const plain = planOf(problem, digest, stages, 'by-hand', {
    codecOf: ({ tensor }) =>
      boundary.includes(tensor) ? { kind: 'affine', bits, perChannel: false } : { kind: 'raw' },
  });
  return calibratedPolicies(problem, plain, createEvaluator(problem));
}

it.skipIf(dataFolder === null)(
  'calibrates a cut that two tensors cross, lets requests leave there, and sends both of each other with the same bits',
  async () => {
    const model = join(dataFolder ?? '', 'models/cifar10_resnet8_mlperftiny.onnx');
    const data = join(dataFolder ?? '', 'datasets/cifar10-jpeg-test2000');
    const tandem = (...arguments_: readonly string[]) => printed(folder, arguments_);
    const [calibration, fleet, saved, trace] = ['calibration.json', 'fleet.json', 'saved.json', 'trace'].map(
      (name) => join(folder, name),
    ) as [string, string, string, string];
    await writeFile(fleet, JSON.stringify(cluster));
    const few = ['--range', '0:400', '--budget', '0.06', '--cuts', branches.join('+')];
    await tandem('calibrate', model, '--card', 'raw-255', '--data', data, ...few, '--output', calibration);
    const plan = await planAt(model, fleet, calibration);
    const { exits, precision } = plan.policies ?? {};
    expect(exits?.points.flatMap(cutTensors)).toHaveLength(2);
    expect(precision?.transfers).toHaveLength(2);
    await writeFile(saved, writePlan(plan));

    const given = ['--cluster', fleet, '--calibration', calibration, '--plan', saved, '--trace', trace];
    const stream = [
      'run',
      model,
      '--card',
      'raw-255',
      ...given,
      '--stream',
      data,
      '--range',
      '400:520',
      '--full',
    ];
    const result = JSON.parse(await tandem(...stream, '--json')) as FrameResult;
    expect(result).toMatchObject({ answered: 120, failed: 0, decisions: [{ by: 'centres', labels: 10 }] });
    expect(result.exitShare).toBeGreaterThan(0);
    expect(result.agreement?.share).toBeGreaterThan(0.9);
    const { events } = readTrace((await readFile(trace, 'utf8')).split('\n'));
    const sent = new Map<number, number[]>();
    for (const event of events)
      if (event.kind === 'bits') sent.set(event.request, [...(sent.get(event.request) ?? []), event.bits]);
    const left = new Set(events.flatMap((event) => (event.kind === 'exit' ? [event.request] : [])));
    expect(sent.size + left.size).toBe(120);
    for (const [request, [first, second, ...more]] of sent) {
      expect([left.has(request), first, more]).toEqual([false, second, []]);
      expect(precision?.bits.map(({ bits }) => bits)).toContain(first);
    }
  },
  240_000,
);
