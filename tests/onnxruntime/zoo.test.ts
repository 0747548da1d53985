import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createRandom,
  encodedChunks,
  encodeModel,
  type ModelProto,
  published,
  type ZooName,
  type ZooOptions,
  zooModel,
  zooNames,
} from '@tandem/core';
import { modelCards } from '@tandem/node';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-zoo-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Loaded by path: a model of half a gigabyte is never held whole on this side. */
async function openSession(model: ModelProto): Promise<InferenceSession> {
  const path = join(folder, `${model.graph.name}.onnx`);
  const file = openSync(path, 'w');
  for (const chunk of encodedChunks(encodeModel(model))) writeSync(file, chunk);
  closeSync(file);
  try {
    return await InferenceSession.create(path, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  } finally {
    rmSync(path);
  }
}

/** Normalised pixels [3, resolution, resolution]: a colour, waves across it, a little noise. */
function image(resolution: number, seed: number): Float32Array {
  const random = createRandom(seed);
  const pixels = new Float32Array(3 * resolution * resolution);
  for (let channel = 0; channel < 3; channel++) {
    const [colour, across, down] = [random.next() * 2 - 1, random.next() * 40, random.next() * 40];
    for (let pixel = 0; pixel < resolution ** 2; pixel++) {
      const [x, y] = [pixel % resolution, Math.floor(pixel / resolution)];
      const wave = Math.sin((across * x + down * y) / resolution);
      pixels[channel * resolution ** 2 + pixel] = colour + wave + (random.next() - 0.5) / 2;
    }
  }
  return pixels;
}

async function logits(
  session: InferenceSession,
  resolution: number,
  seeds: readonly number[],
): Promise<number[][]> {
  const images = seeds.flatMap((seed) => [...image(resolution, seed)]);
  const shape = [seeds.length, 3, resolution, resolution];
  const answers = await session.run({ input: new Tensor('float32', Float32Array.from(images), shape) });
  const answer = answers[session.outputNames[0] ?? ''];
  if (!(answer?.data instanceof Float32Array)) throw new Error('the model gave no float32 output');
  const values = [...answer.data];
  const width = values.length / seeds.length;
  return seeds.map((_seed, row) => values.slice(row * width, (row + 1) * width));
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

function topClass(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

/** Small where the network allows it; `images` distinct pictures must give more than one answer. */
const cases: readonly [ZooName, ZooOptions & { readonly resolution: number }, images: number][] = [
  ['alexnet', { resolution: 223 }, 6],
  ['vgg16', { resolution: 224 }, 3],
  ['googlenet', { resolution: 96 }, 8],
  ['inception-v3', { resolution: 107 }, 8],
  ['inception-v4', { resolution: 107 }, 8],
  ['resnet-18', { resolution: 96 }, 8],
  ['resnet-50', { resolution: 96 }, 8],
  ['resnet-101', { resolution: 96 }, 8],
  ['cifar-resnet-8', { resolution: 32 }, 16],
  ['mobilenet-v2', { resolution: 96 }, 12],
  ['regnetx-400mf', { resolution: 96 }, 12],
  ['vit-b-16', { resolution: 64 }, 8],
];

/** Gigabytes of weights, built by the code that builds ViT-B/16. */
const tooLarge: readonly ZooName[] = ['vit-l-16', 'vit-h-14'];

describe('the zoo in ONNX Runtime', () => {
  it('is covered', () => {
    expect([...cases.map(([name]) => name), ...tooLarge]).toEqual(zooNames);
  });

  it.each(cases)('%s at %j: sane logits that depend on the image', async (name, options, images) => {
    const session = await openSession(zooModel(name, options));
    const answers: number[][] = [];
    for (let seed = 0; seed < images; seed++) {
      answers.push(...(await logits(session, options.resolution, [seed])));
    }
    await session.release();
    for (const answer of answers) {
      expect(answer).toHaveLength(published[name].classes);
      expect(deviation(answer)).toBeGreaterThan(0.1);
      expect(deviation(answer)).toBeLessThan(20);
    }
    expect(new Set(answers.map(topClass)).size).toBeGreaterThan(1);
  });

  it.each(['cifar-resnet-8', 'vit-b-16', 'mobilenet-v2'] as const)(
    '%s answers a batch of 2 as two images',
    async (name) => {
      const session = await openSession(zooModel(name, { resolution: 32 }));
      const together = await logits(session, 32, [1, 2]);
      const alone = [...(await logits(session, 32, [1])), ...(await logits(session, 32, [2]))];
      await session.release();
      const differences = together.flatMap((row, image) =>
        row.map((value, index) => Math.abs(value - (alone[image]?.[index] ?? Number.NaN))),
      );
      expect(Math.max(...differences)).toBeLessThan(1e-4);
    },
  );

  it('runs at a size where the last feature map is expanded', async () => {
    const session = await openSession(zooModel('alexnet', { resolution: 64, classes: 10, batch: 1 }));
    const [answer] = await logits(session, 64, [1]);
    await session.release();
    expect(answer).toHaveLength(10);
    expect(deviation(answer ?? [])).toBeGreaterThan(0.1);
  });

  it('names a model card for every network', () => {
    for (const name of zooNames) expect(modelCards).toHaveProperty(published[name].card);
  });
});
