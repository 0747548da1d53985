import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { graphOf, type KnownTensor, type ModelProto, zooModel } from '@tandem/core';
import { knownTensors, loadModel } from '@tandem/node';
import { describe, expect, it } from 'vitest';
import { dataFolder } from '../data.ts';

/** Oracle: what ONNX Runtime finds when every tensor is an output. */
async function expectSameShapes(model: ModelProto, batch?: number): Promise<void> {
  const binding = batch === undefined ? {} : { batch };
  const graph = graphOf(model, binding);
  const found = new Map((await knownTensors(model, binding)).map((tensor) => [tensor.name, tensor]));
  const inferred = graph.tensors.filter(({ producer }) => producer !== 'input');
  expect(inferred.length).toBeGreaterThan(0);
  expect(inferred.map(described)).toEqual(inferred.map(({ name }) => described(found.get(name))));
}

function described(tensor: KnownTensor | undefined): string {
  return tensor === undefined ? 'missing' : `${tensor.name}: ${tensor.type}[${tensor.shape.join(', ')}]`;
}

const models = dataFolder === null ? [] : readdirSync(join(dataFolder, 'models')).filter((name) => name.endsWith('.onnx'));

describe.skipIf(dataFolder === null)('shapes of real models', () => {
  it.each(models)('%s', async (name) => {
    const loaded = await loadModel(join(dataFolder ?? '', 'models', name));
    try {
      await expectSameShapes(loaded.model);
    } finally {
      await loaded.close();
    }
  });
});

describe('shapes of the zoo', () => {
  it.each([
    ['alexnet', 63],
    ['vgg16', 32],
    ['googlenet', 64],
    ['resnet-50', 64],
    ['cifar-resnet-8', 32],
    ['mobilenet-v2', 64],
    ['vit-b-16', 32],
  ] as const)('%s at %i', async (name, resolution) => {
    await expectSameShapes(zooModel(name, { resolution }), 2);
  });
});

