import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cutAt, planOf, readCalibration, readTrace, singleTensorCuts, writePlan } from '@tandem/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOutput } from '../../packages/cli/src/output.ts';
import { prepare } from '../../packages/cli/src/plan/prepare.ts';
import type { FrameResult } from '../../packages/cli/src/run/frame-command.ts';
import { finished, startCommand } from '../command-line.ts';
import { dataFolder } from '../data.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-stream-test-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const tandem = async (...arguments_: readonly string[]) =>
  await finished(startCommand(folder, [...arguments_, '--json']));

const streamed = ({ stdout }: { readonly stdout: string }): FrameResult => JSON.parse(stdout) as FrameResult;

/** A plan that cuts the model behind one layer, for `run --calibration`. */
async function planAt(model: string, layer: string, calibration: string): Promise<string> {
  const { loaded, problem, digest } = await prepare(model, { dimension: {}, calibration }, createOutput());
  await loaded.close();
  const first = cutAt(problem.graph, [layer]).nodes;
  const second = problem.graph.nodes.map(({ id }) => id).filter((id) => !first.includes(id));
  const stages = [
    { device: 'pi', nodes: first },
    { device: 'server', nodes: second },
  ];
  const codec = { kind: 'affine', bits: 8, perChannel: false } as const;
  const path = join(folder, `${layer.replaceAll('/', '-')}.plan.json`);
  await writeFile(
    path,
    writePlan(
      planOf(problem, digest, stages, 'by-hand', {
        codecOf: ({ from }) => (from === 'pi' ? codec : { kind: 'raw' }),
      }),
    ),
  );
  return path;
}

/** Records of one label whatever the network says: all of one grey. */
async function greyRecords(count: number): Promise<string> {
  const path = join(folder, `grey-${count}.bin`);
  await writeFile(path, new Uint8Array(count * 3073).fill(7));
  return path;
}

describe('tandem calibrate', () => {
  it('goes on after it was killed, and writes what it would have written', async () => {
    const data = await greyRecords(60);
    const output = join(folder, 'killed.json');
    const flags = ['zoo:cifar-resnet-8', '--data', data, '--card', 'unit-1', '--threads', '1'];
    const child = startCommand(folder, ['calibrate', ...flags, '--output', output]);
    for (let waited = 0; waited < 600 && !(await hasLines(`${output}.part`, 3)); waited++) await sleep(50);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(output)).toBe(false);
    const kept = (await readFile(`${output}.part`, 'utf8')).split('\n').length;
    expect(kept).toBeGreaterThan(2);
    expect((await tandem('calibrate', ...flags, '--output', output)).status).toBe(0);
    expect(existsSync(`${output}.part`)).toBe(false);
    const other = join(folder, 'whole.json');
    expect((await tandem('calibrate', ...flags, '--output', other)).status).toBe(0);
    expect(await readFile(output, 'utf8')).toBe(await readFile(other, 'utf8'));
  }, 120_000);
});

/** Samples of one input of 3 × 32 × 32, as NumPy writes them. */
async function npySamples(name: string, samples: readonly ((at: number) => number)[]): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3, 32, 32), }".padEnd(117);
  const head = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${text}\n`, 'latin1');
  for (const [sample, value] of samples.entries()) {
    const values = Float32Array.from({ length: 3 * 32 * 32 }, (_, at) => value(at));
    const file = join(path, `${String(sample).padStart(3, '0')}.npy`);
    await writeFile(file, Buffer.concat([head, Buffer.from(values.buffer)]));
  }
  return path;
}

describe('tandem calibrate, of data that say little,', () => {
  const wave = (sample: number) => (at: number) => Math.sin(sample + at);

  it('turns exits and codes off where samples are no numbers, and says so', async () => {
    const broken = Array.from({ length: 8 }, (_, sample) => (sample % 2 ? () => Number.NaN : wave(sample)));
    const data = await npySamples('nan', broken);
    const output = join(folder, 'nan.json');
    const result = await tandem('calibrate', 'zoo:cifar-resnet-8', '--data', data, '--output', output);
    expect(result.status).toBe(0);
    const { cuts, heads } = readCalibration(await readFile(output, 'utf8'));
    expect(cuts.length).toBeGreaterThan(3);
    for (const { bits, losses, online, sent, centres } of cuts) {
      expect({ bits, losses, sent, centres, exitAbove: online.exitAbove }).toEqual({
        bits: [null],
        losses: [],
        sent: [],
        centres: [],
        exitAbove: null,
      });
      expect(online.notes.join(' ')).toMatch(/4 of 8 samples have activations that are not finite/);
    }
    expect(heads).toMatchObject({ settings: [], notes: [expect.stringMatching(/There are no exits/)] });
  }, 120_000);

  it('refuses a folder that holds none, and says of one sample that it is too few', async () => {
    const nothing = await npySamples('nothing', []);
    const refused = await tandem('calibrate', 'zoo:cifar-resnet-8', '--data', nothing, '--output', 'x');
    expect(refused.status).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      error: { message: expect.stringMatching(/holds no samples/) },
    });
    const output = join(folder, 'one.json');
    const data = await npySamples('one', [wave(0)]);
    expect((await tandem('calibrate', 'zoo:cifar-resnet-8', '--data', data, '--output', output)).status).toBe(
      0,
    );
    for (const { online, notes } of readCalibration(await readFile(output, 'utf8')).cuts) {
      expect(online.exitAbove).toBeNull();
      expect([...notes, ...online.notes].join(' ')).toMatch(/not resolvable at 1 samples.* Exits are off/);
    }
  }, 120_000);
});

async function hasLines(path: string, count: number): Promise<boolean> {
  return existsSync(path) && (await readFile(path, 'utf8')).split('\n').length > count;
}

describe('tandem run --stream', () => {
  it('lets nothing leave by data of one label, and says so', async () => {
    const data = await greyRecords(40);
    const calibration = join(folder, 'grey.json');
    const model = 'zoo:cifar-resnet-8';
    const card = ['--card', 'unit-1'];
    // What 40 samples can tell.
    const cuts = ['--cuts', await middleOf(model), '--budget', '0.1'];
    await tandem('calibrate', model, '--data', data, ...card, ...cuts, '--output', calibration);
    const plan = await planAt(model, await middleOf(model), calibration);
    const result = await tandem(
      'run',
      model,
      '--stream',
      data,
      ...card,
      '--calibration',
      calibration,
      '--plan',
      plan,
      '--full',
    );
    expect(result).toMatchObject({ status: 0 });
    const { decisions, ...figures } = streamed(result);
    expect(figures).toMatchObject({
      frames: 40,
      answered: 40,
      failed: 0,
      exitShare: 0,
      agreement: { frames: 40 },
    });
    expect(decisions).toMatchObject([{ by: 'centres', note: expect.stringMatching(/Exits are off/) }]);
  }, 120_000);

  it.skipIf(dataFolder === null)(
    'answers frames of a trained network early, tells what it cost, and goes on from what it learned',
    async () => {
      const shared = dataFolder ?? '';
      const model = join(shared, 'models/cifar10_resnet8_mlperftiny.onnx');
      const data = ['--card', 'raw-255'];
      const records = join(shared, 'datasets/cifar10-jpeg-test2000');
      const calibration = join(folder, 'trained.json');
      const layer = await lastMapOf(model);
      const calibrate = ['--data', records, '--range', '0:400', '--cuts', layer, '--budget', '0.02'];
      const calibrated = await tandem('calibrate', model, ...data, ...calibrate, '--output', calibration);
      expect(calibrated.status).toBe(0);
      const plan = await planAt(model, layer, calibration);
      const centres = join(folder, 'centres.jsonl');
      const trace = join(folder, 'trace.jsonl');
      const perfetto = join(folder, 'trace.json');
      const run = ['run', model, ...data, '--stream', records, '--calibration', calibration, '--plan', plan];
      const kept = ['--centres', centres, '--trace', trace, '--perfetto', perfetto, '--full'];
      const first = streamed(await tandem(...run, '--range', '400:520', ...kept));
      expect(first).toMatchObject({ frames: 120, answered: 120, failed: 0 });
      const crossed = first.bits.reduce((sum, { tensors }) => sum + tensors, 0);
      const left = first.exits.reduce((sum, { frames }) => sum + frames, 0);
      expect(left).toBeGreaterThan(0);
      expect(crossed + left).toBe(120);
      expect(first.bytesSent).toBeGreaterThan(0);
      expect(first.latencySeconds?.count ?? 0).toBe(120);
      expect(first.agreement?.share).toBeGreaterThan(0.9);
      const events = readTrace((await readFile(trace, 'utf8')).split('\n')).events;
      expect(events.length).toBeGreaterThan(240);
      expect(JSON.parse(await readFile(perfetto, 'utf8'))).toHaveProperty('traceEvents');

      await copyFile(centres, `${centres}.before`);
      const second = streamed(
        await tandem(...run, '--range', '520:560', '--centres', centres, '--order', 'shuffled'),
      );
      expect(second).toMatchObject({ frames: 40, answered: 40, order: 'shuffled' });
      const counts = async (path: string): Promise<number> =>
        (JSON.parse(await readFile(path, 'utf8')) as { labels: { count: number }[] }).labels.reduce(
          (sum, { count }) => sum + count,
          0,
        );
      const learned = (await counts(centres)) - (await counts(`${centres}.before`));
      const sent = second.bits.reduce((sum, { tensors }) => sum + tensors, 0);
      expect(learned).toBeGreaterThan(0);
      expect(learned).toBeLessThanOrEqual(sent);
    },
    180_000,
  );
});

/** A layer in the middle that alone leads on. */
async function middleOf(model: string): Promise<string> {
  return await layerOf(model, (layers) => layers[Math.floor(layers.length / 2)] ?? '');
}

/** The last layer whose output has more than one position. */
async function lastMapOf(model: string): Promise<string> {
  return await layerOf(model, (layers) => layers.at(-1) ?? '');
}

async function layerOf(model: string, pick: (layers: readonly string[]) => string): Promise<string> {
  const { loaded, problem } = await prepare(model, { dimension: {} }, createOutput());
  await loaded.close();
  const { graph } = problem;
  const maps = singleTensorCuts(graph).flatMap(({ boundary }) => graph.tensors[boundary[0] ?? -1] ?? []);
  return pick(maps.filter(({ shape }) => shape.length === 4 && (shape[2] ?? 0) > 1).map(({ name }) => name));
}
