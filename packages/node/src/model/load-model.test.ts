import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createModelBuilder,
  encodedBytes,
  encodeModel,
  externaliseWeights,
  InvalidInputError,
  type ModelProto,
  tensorBytes,
  zooModel,
} from '@tandem/core';
import { afterAll, describe, expect, it } from 'vitest';
import { loadModel } from './load-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-model-'));
afterAll(() => rmSync(folder, { recursive: true }));

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

const weights = Float32Array.from({ length: 1024 }, (_, index) => index / 7);

function tinyModel(): ModelProto {
  const builder = createModelBuilder({ name: 'tiny', opset: 17 });
  const input = builder.input('input', 'float32', [1, 1024]);
  const weight = builder.initializer('weight', 'float32', [1024], [...weights]);
  builder.output(builder.node('Mul', [input, weight]), 'float32', [1, 1024]);
  return builder.build();
}

function writeTiny(): string {
  const path = join(folder, 'tiny.onnx');
  writeFileSync(path, encodedBytes(encodeModel(tinyModel())));
  return path;
}

function writeExternal(name: string, location = 'weights.bin'): string {
  const { model, weights } = externaliseWeights(tinyModel(), { location });
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'model.onnx'), encodedBytes(encodeModel(model)));
  writeFileSync(join(folder, name, 'weights.bin'), encodedBytes(weights));
  return join(folder, name, 'model.onnx');
}

const weightOf = (model: ModelProto): Uint8Array | undefined =>
  model.graph.initializers.map(tensorBytes).find((bytes) => bytes.length === 4096);

describe('loadModel', () => {
  it('reads a file by reference and digests its bytes', async () => {
    const path = writeTiny();
    const loaded = await loadModel(path);
    expect(loaded).toMatchObject({ name: 'tiny', path, sizeBytes: readFileSync(path).length });
    expect(await loaded.digest()).toBe(sha256(readFileSync(path)));
    expect(weightOf(loaded.model)).toEqual(new Uint8Array(weights.buffer));
    await loaded.close();
    await loaded.close();
    expect(() => weightOf(loaded.model)).toThrow(/after it was closed/);
  });

  it('finds external data beside the file and digests both', async () => {
    const path = writeExternal('external');
    const loaded = await loadModel(path);
    const files = [readFileSync(path), readFileSync(join(folder, 'external', 'weights.bin'))];
    expect(loaded.sizeBytes).toBe((files[0]?.length ?? 0) + (files[1]?.length ?? 0));
    expect(weightOf(loaded.model)).toEqual(new Uint8Array(weights.buffer));
    const [model, data] = files.map((bytes) => sha256(bytes));
    expect(await loaded.digest()).toBe(sha256(`{"":"${model}","weights.bin":"${data}"}`));
    await loaded.close();
  });

  it('says which external file is missing', async () => {
    const path = writeExternal('missing');
    rmSync(join(folder, 'missing', 'weights.bin'));
    await expect(loadModel(path)).rejects.toThrow(/There is no file .*missing\/weights.bin/);
  });

  it('refuses external data outside the folder', async () => {
    const path = writeExternal('outside', 'aa/weights.bin');
    const text = readFileSync(path, 'latin1').replaceAll('aa/weights.bin', '../weights.bin');
    writeFileSync(path, text, 'latin1');
    await expect(loadModel(path)).rejects.toThrow(/'\.\.\/weights.bin', expected a path within/);
  });

  it('builds a network of the zoo', async () => {
    const loaded = await loadModel('zoo:cifar-resnet-8', { seed: 5 });
    const bytes = encodedBytes(encodeModel(zooModel('cifar-resnet-8', { seed: 5 })));
    expect(loaded).toMatchObject({ name: 'cifar-resnet-8', path: null, sizeBytes: bytes.length });
    expect(await loaded.digest()).toBe(sha256(bytes));
    await loaded.close();
  });

  it('sizes a network that no single file can hold', async () => {
    const { model, weights } = externaliseWeights(zooModel('vit-h-14'), { location: 'weights.bin' });
    const loaded = await loadModel('zoo:vit-h-14');
    expect(loaded.sizeBytes).toBe(encodeModel(model).sizeBytes + weights.sizeBytes);
    expect(loaded.sizeBytes).toBeGreaterThan(2 ** 31);
    await loaded.close();
  });

  it.each([
    ['zoo:resnet50', {}, /no built-in network 'resnet50'; the nearest is 'resnet-50'/],
    ['zoo:', {}, /no built-in network ''/],
    ['model.onnx', { seed: 1 }, /option seed shapes built-in networks only/],
    ['none.onnx', {}, /There is no file none.onnx/],
    ['resnet-50', {}, /There is no file resnet-50/],
    ['zoo:vit-b-16', { resolution: 15 }, /15/],
  ])('refuses %s with %j', async (reference, options, message) => {
    const failure = loadModel(reference, options);
    await expect(failure).rejects.toThrow(InvalidInputError);
    await expect(failure).rejects.toThrow(message);
  });

  it('refuses a file that is no model', async () => {
    const path = join(folder, 'text.onnx');
    writeFileSync(path, 'this is not a model at all');
    await expect(loadModel(path)).rejects.toThrow(InvalidInputError);
  });
});
