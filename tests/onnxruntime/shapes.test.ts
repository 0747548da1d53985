import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { graphOf, type KnownTensor, type ModelProto, zooModel } from '@tandem/core';
import { knownTensors, loadModel } from '@tandem/node';
import { describe, expect, it } from 'vitest';
import { dataFolder } from '../data.ts';

/** What graphOf infers, and what ONNX Runtime finds when every tensor is an output. */
async function shapesOf(
  model: ModelProto,
  batch?: number,
): Promise<{ inferred: string[]; executed: string[] }> {
  const binding = batch === undefined ? {} : { batch };
  const found = new Map((await knownTensors(model, binding)).map((tensor) => [tensor.name, tensor]));
  const tensors = graphOf(model, binding).tensors.filter(({ producer }) => producer !== 'input');
  return {
    inferred: tensors.map(described),
    executed: tensors.map(({ name }) => described(found.get(name))),
  };
}

function described(tensor: KnownTensor | undefined): string {
  return tensor === undefined ? 'missing' : `${tensor.name}: ${tensor.type}[${tensor.shape.join(', ')}]`;
}

const models =
  dataFolder === null ? [] : readdirSync(join(dataFolder, 'models')).filter((name) => name.endsWith('.onnx'));

describe.skipIf(dataFolder === null)('shapes of real models', () => {
  it.each(models)('%s', async (name) => {
    const loaded = await loadModel(join(dataFolder ?? '', 'models', name));
    try {
      const { inferred, executed } = await shapesOf(loaded.model);
      expect(inferred).toEqual(executed);
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
    ['inception-v3', 75],
    ['inception-v4', 75],
    ['resnet-18', 64],
    ['resnet-50', 64],
    ['cifar-resnet-8', 32],
    ['mobilenet-v2', 64],
    ['regnetx-400mf', 64],
    ['vit-b-16', 32],
  ] as const)('%s at %i', async (name, resolution) => {
    const { inferred, executed } = await shapesOf(zooModel(name, { resolution }), 2);
    expect(inferred).toEqual(executed);
  });
});
