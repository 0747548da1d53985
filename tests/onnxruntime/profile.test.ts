import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createModelBuilder,
  encodeModel,
  exampleCluster,
  type Graph,
  graphOf,
  nodeRanges,
  profileFor,
  readProfile,
  singleTensorCuts,
  stageSeconds,
} from '@tandem/core';
import {
  type LoadedModel,
  loadModel,
  type ProfileModelOptions,
  profileModel,
  writeEncoded,
} from '@tandem/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder = '';
let loaded: LoadedModel;
let options: ProfileModelOptions;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-profile-test-'));
  loaded = await loadModel('zoo:cifar-resnet-8');
  options = {
    loaded,
    graphs: new Map([[1, await graphAt(1)]]),
    device: 'server',
    threads: [1],
    passes: 1,
    output: join(folder, 'profile.json'),
    signal: new AbortController().signal,
  };
});
afterEach(async () => {
  await loaded.close();
  await rm(folder, { recursive: true });
});

async function graphAt(batch: number): Promise<Graph> {
  return graphOf(loaded.model, { batch, modelDigest: await loaded.digest() });
}

describe('profileModel', () => {
  it('stops when told to, goes on where it stopped, and prices both sides of every cut', async () => {
    const controller = new AbortController();
    const interrupted = profileModel({
      ...options,
      signal: controller.signal,
      onProgress: (done) => {
        if (done === 3) controller.abort(new Error('stopped by the test'));
      },
    });
    await expect(interrupted).rejects.toThrow('stopped by the test');
    const part = join(folder, 'profile.json.part');
    const kept = (await readFile(part, 'utf8')).trimEnd().split('\n');
    expect(kept).toHaveLength(1 + 3);
    await writeFile(part, `${kept.slice(0, 3).join('\n')}\n${kept[3]?.slice(0, 20)}`);
    const doneAt: number[] = [];
    const file = await profileModel({ ...options, onProgress: (done) => void doneAt.push(done) });
    expect(await readdir(folder)).toEqual(['profile.json']);
    expect(readProfile(await readFile(options.output, 'utf8'))).toEqual(file);

    // Node alone holds more than 10 MB, and a runtime that has loaded nothing less than 300.
    expect(file.machine.runtimeBytes).toBeGreaterThan(10e6);
    expect(file.machine.runtimeBytes).toBeLessThan(300e6);

    const graph = await graphAt(1);
    const server = exampleCluster().devices.find(({ id }) => id === 'server')!;
    const profile = profileFor(file, graph, server);
    const all = graph.nodes.map(({ id }) => id);
    const sides = [
      all,
      ...singleTensorCuts(graph).flatMap(({ nodes }) => [nodes, all.filter((id) => !nodes.includes(id))]),
    ];
    expect(doneAt).toHaveLength(2 + new Set(sides.map(nodeRanges)).size);
    for (const nodes of sides) {
      const stage = stageSeconds(profile, server, graph, nodes);
      expect(stage).toMatchObject({ source: 'measured', spreadSeconds: 0 });
      expect(stage.seconds).toBeGreaterThan(0);
    }
    const codecs = file.rows.filter(({ kind }) => kind === 'codec');
    expect(new Set(codecs.map(({ name }) => name))).toEqual(new Set(['raw', 'fp16', 'affine8', 'affine4']));
    const largest = Math.max(...singleTensorCuts(graph).map(({ bytes }) => bytes / 4));
    expect(Math.max(...codecs.map(({ elements = 0 }) => elements))).toBe(largest);
    expect(codecs.every(({ seconds }) => seconds > 0)).toBe(true);

    const convolutions = graph.nodes.filter(({ op }) => op === 'Conv');
    const taking = profile.rows.filter(({ seconds }) => seconds > 0);
    expect(taking.length).toBeGreaterThan(convolutions.length);
    const cold = file.rows.filter(({ state }) => state === 'cold');
    expect(cold.every(({ loadSeconds = 0, memoryBytes = 0 }) => loadSeconds > 0 && memoryBytes > 0)).toBe(
      true,
    );
  });

  it('measures each batch of a model that leaves it open', async () => {
    const builder = createModelBuilder({ name: 'small', opset: 17 });
    const input = builder.input('x', 'float32', ['N', 64]);
    const weights = Array.from({ length: 64 * 64 }, (_, index) => (index % 7) - 3);
    const hidden = builder.node('MatMul', [input, builder.initializer('w', 'float32', [64, 64], weights)]);
    builder.output(builder.node('Softmax', [hidden]), 'float32', ['N', 64]);
    const path = join(folder, 'small.onnx');
    await writeEncoded(path, encodeModel(builder.build()));
    const small = await loadModel(path);
    const modelDigest = await small.digest();
    const graphs = new Map([1, 4].map((batch) => [batch, graphOf(small.model, { batch, modelDigest })]));
    const file = await profileModel({ ...options, loaded: small, graphs });
    await small.close();
    expect(file.model.batches).toEqual([
      { batch: 1, inputs: 'x float32[1,64]' },
      { batch: 4, inputs: 'x float32[4,64]' },
    ]);
    expect(file.repeatability.map(({ batch }) => batch)).toEqual([1, 4]);
    const server = exampleCluster().devices.find(({ id }) => id === 'server')!;
    for (const [batch, graph] of graphs) {
      const rows = file.rows.filter((row) => row.batch === batch && row.kind !== 'codec');
      expect(rows).toHaveLength(2 * (1 + 2) + 2);
      const whole = rows.find(({ name, state }) => name === '0-1' && state === 'warm')!;
      expect(stageSeconds(profileFor(file, graph, server), server, graph, [0, 1])).toMatchObject({
        seconds: whole.seconds,
      });
    }
  });

  it('refuses to go on with a measurement of something else', async () => {
    await writeFile(`${options.output}.part`, '{"device":"another"}\n');
    await expect(profileModel(options)).rejects.toMatchObject({ name: 'RefusedError' });
  });
});
