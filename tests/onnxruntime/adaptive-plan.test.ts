import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan } from '@tandem/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FrameResult } from '../../packages/cli/src/run/frame-command.ts';
import { printed } from '../command-line.ts';
import { dataFolder } from '../data.ts';
import { weakPair } from '../weak-pair.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-adaptive-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A link so slow that the model is best cut in the middle, with a device that is slow enough. */
const clusterWith = (gigaflopsPerSecond: number): string =>
  JSON.stringify(weakPair({ gigaflopsPerSecond, megabitsPerSecond: 1 }));
const layer = 'model/activation_4/Relu_model/add_1/add/act';

interface Planned {
  readonly plan: Plan;
  readonly explanation: { readonly accuracy: { readonly source: string } };
}

it.skipIf(dataFolder === null)(
  "follows coach's saved plan, which lets requests leave and choose their bits, on agents and in the simulator",
  async () => {
    const model = join(dataFolder ?? '', 'models/cifar10_resnet8_mlperftiny.onnx');
    const data = join(dataFolder ?? '', 'datasets/cifar10-jpeg-test2000');
    const tandem = (...arguments_: readonly string[]) => printed(folder, arguments_);
    const [calibration, fleet, saved] = ['calibration.json', 'fleet.json', 'saved.json'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    await writeFile(fleet, clusterWith(0.6));
    const few = ['--range', '0:400', '--budget', '0.06', '--cuts', layer];
    await tandem('calibrate', model, '--card', 'raw-255', '--data', data, ...few, '--output', calibration);
    const given = ['--cluster', fleet, '--calibration', calibration];
    const planned = JSON.parse(
      await tandem('plan', model, ...given, '--planner', 'coach', '--output', saved, '--json'),
    ) as Planned;
    const { exits, precision } = planned.plan.policies ?? {};
    expect(exits?.points).toMatchObject([{ kind: 'centres' }]);
    expect(planned.explanation.accuracy.source).toBe('calibrated');
    const range: readonly number[] = precision?.bits.map(({ bits }) => bits) ?? [];
    expect(range.length).toBeGreaterThan(1);

    const stream = ['run', model, '--card', 'raw-255', ...given, '--stream', data, '--full'];
    const frames = ['--range', '400:520'];
    const followed = JSON.parse(await tandem(...stream, ...frames, '--plan', saved, '--json')) as FrameResult;
    expect(followed).toMatchObject({ answered: 120, failed: 0, decisions: [{ by: 'centres' }] });
    expect(followed.exitShare).toBeGreaterThan(0);
    expect(followed.bits.filter(({ bits }) => !range.includes(bits))).toEqual([]);
    expect(followed.framesPerSecond).toBeGreaterThan(0);
    const { share = 0, low = 1, high = 0 } = followed.agreement ?? {};
    expect([low < share, share < high || share === 1]).toEqual([true, true]);

    const document = JSON.parse(await readFile(saved, 'utf8')) as Plan;
    const still = join(folder, 'still.json');
    await writeFile(still, JSON.stringify({ ...document, policies: {} }));
    const text = await tandem(...stream, '--range', '400:420', '--plan', still);
    expect(text).toMatch(/20 of 20 frames answered/);
    expect(text).toMatch(/nothing was answered early\n +20 tensors crossed with \d bits\n/);
    expect(text).toMatch(/pace: [\d.]+ frames\/s/);
    expect(text).toMatch(
      /of the frames have the label of the whole model \(\d+ of 20, 95 %: [\d.]+ % to [\d.]+ %\)/,
    );

    const scenario = join(folder, 'scenario.yaml');
    const arrivals = '{ kind: poisson, perSecond: 10, requests: 2000 }';
    await writeFile(
      scenario,
      `model: ${model}\ncluster: ${fleet}\ncalibration: ${calibration}\nplan: ${saved}\narrivals: ${arrivals}\n`,
    );
    const simulated = await tandem('simulate', scenario);
    const left = Number(/answered (\d+) early/.exec(simulated)?.[1]);
    expect(Math.abs(left / 2000 - (exits?.points[0]?.share ?? 0))).toBeLessThan(0.03);
  },
  240_000,
);

it.skipIf(dataFolder === null)(
  'streams a clip through a network of ImageNet cut in the middle, by what photographs taught of its bits',
  async () => {
    const model = join(dataFolder ?? '', 'models/mobilenet_v2_1.0_224.onnx');
    const photographs = join(dataFolder ?? '', 'datasets/imagenet-sample/images');
    const clip = join(dataFolder ?? '', 'datasets/video/bottle-detection');
    const [calibration, fleet] = ['photographs.json', 'faster.json'].map((name) => join(folder, name)) as [
      string,
      string,
    ];
    await writeFile(fleet, clusterWith(40));
    const card = ['--card', 'imagenet-tensorflow'];
    const cut = ['--cuts', 'MobilenetV2/expanded_conv_15/add/add', '--samples', '40', '--budget', '0.1'];
    const calibrate = ['calibrate', model, ...card, '--data', photographs, ...cut, '--output', calibration];
    await printed(folder, calibrate);
    const given = ['--cluster', fleet, '--calibration', calibration, '--planner', 'coach'];
    const run = ['run', model, ...card, ...given, '--stream', clip, '--range', '150:165', '--full', '--json'];
    const result = JSON.parse(await printed(folder, run)) as FrameResult;
    expect(result).toMatchObject({ frames: 15, answered: 15, agreement: { frames: 15 } });
    expect(result.bits.reduce((sum, { tensors }) => sum + tensors, 0)).toBe(15);
    expect(result.decisions).toMatchObject([{ by: 'centres', note: expect.stringMatching(/Exits are off/) }]);
    expect(result.agreement?.same ?? 0).toBeGreaterThan(10);
  },
  240_000,
);
