import { describe, expect, it } from 'vitest';
import type { Graph, Node } from '../graph/graph.ts';
import { graphOf } from '../graph/graph-of.ts';
import { encodeModel } from '../onnx/encode-model.ts';
import { published } from './published.ts';
import { type ZooOptions, zooModel, zooNames } from './zoo.ts';

function learnedParameters(graph: Graph): number {
  return graph.parameters.reduce((sum, { learned, elements }) => sum + (learned ? elements : 0), 0);
}

/** Counted from shapes alone, not from `flops`, whose convention for biases is another. */
function multiplyAccumulates(graph: Graph): number {
  return graph.nodes.reduce((sum, node) => sum + outputElements(graph, node) * summands(graph, node), 0);
}

/** How many products one output element sums. */
function summands(graph: Graph, node: Node): number {
  if (node.op === 'MatMul') return graph.tensors[node.inputs[0] ?? -1]?.shape.at(-1) ?? 0;
  if (node.op !== 'Conv' && node.op !== 'Gemm') return 0;
  const weight = graph.parameters.find(({ name }) => name === `${node.name}.weight`);
  const channels = graph.tensors[node.outputs[0] ?? -1]?.shape[1] ?? 0;
  return (weight?.elements ?? 0) / channels;
}

function outputElements(graph: Graph, node: Node): number {
  const shape = graph.tensors[node.outputs[0] ?? -1]?.shape ?? [];
  return shape.reduce((product, dim) => product * dim, 1);
}

describe.each(zooNames)('%s', (name) => {
  const graph = graphOf(zooModel(name));

  it('has the published number of parameters', () => {
    expect(learnedParameters(graph)).toBe(published[name].parameters);
  });

  it('computes what was published, within 1 %', () => {
    expect(multiplyAccumulates(graph) / (published[name].gigaMacs * 1e9)).toBeCloseTo(1, 2);
  });

  it('ends in logits, at the options given too', () => {
    const { classes, resolution } = published[name];
    expect(graph.tensors[graph.outputs[0] ?? -1]?.shape).toEqual([1, classes]);
    const other = graphOf(zooModel(name, { resolution, classes: 7, batch: 2 }));
    expect(other.tensors[other.inputs[0] ?? -1]?.shape).toEqual([2, 3, resolution, resolution]);
    expect(other.tensors[other.outputs[0] ?? -1]?.shape).toEqual([2, 7]);
  });

  it('is the same model for the same seed, name for name', () => {
    const names = (seed: number) => zooModel(name, { seed }).graph.nodes.map((node) => node.name);
    expect(names(1)).toEqual(names(2));
  });
});

describe('zooModel', () => {
  it('counts the multiply-accumulates of ResNet-8 exactly', () => {
    expect(multiplyAccumulates(graphOf(zooModel('cifar-resnet-8')))).toBe(12_501_632);
  });

  it('leaves out what training alone needs of Inception-v3', () => {
    const point = 768 * 128 + 2 * 128;
    const square = 128 * 768 * 5 * 5 + 2 * 768;
    const classifier = 768 * 1000 + 1000;
    expect(published['inception-v3'].parameters + point + square + classifier).toBe(27_161_264);
  });

  it.each([
    ['inception-v3', 'mixed6e', [1, 768, 17, 17]],
    ['inception-v3', 'mixed7c', [1, 2048, 8, 8]],
    ['inception-v4', 'stem/fork3', [1, 384, 35, 35]],
    ['inception-v4', 'inceptionB7', [1, 1024, 17, 17]],
    ['inception-v4', 'inceptionC3', [1, 1536, 8, 8]],
    ['regnetx-400mf', 'stage4/block11/relu3', [1, 400, 7, 7]],
    ['resnet-18', 'layer4/block1/relu2', [1, 512, 7, 7]],
    ['vit-l-16', 'encoder/ln', [1, 197, 1024]],
    ['vit-h-14', 'encoder/ln', [1, 257, 1280]],
  ] as const)('ends the features of %s at %s as %j', (name, tensor, shape) => {
    const { tensors } = graphOf(zooModel(name));
    expect(tensors.find((candidate) => candidate.name === tensor)?.shape).toEqual(shape);
  });

  it.each([
    ['inception-v3', 75, 'mixed7c', [1, 2048, 1, 1]],
    ['inception-v4', 75, 'inceptionC3', [1, 1536, 1, 1]],
    ['vit-h-14', 14, 'encoder/ln', [1, 2, 1280]],
    ['vit-h-14', 518, 'encoder/ln', [1, 37 ** 2 + 1, 1280]],
    ['vit-h-14', 1024, 'encoder/ln', [1, 73 ** 2 + 1, 1280]],
    ['vit-l-16', 1024, 'encoder/ln', [1, 64 ** 2 + 1, 1024]],
  ] as const)('makes of %s at %d pixels %s as %j', (name, resolution, tensor, shape) => {
    const { tensors } = graphOf(zooModel(name, { resolution }));
    expect(tensors.find((candidate) => candidate.name === tensor)?.shape).toEqual(shape);
  });

  it.each([
    [518, 37 ** 2 - 16 ** 2],
    [1024, 73 ** 2 - 16 ** 2],
  ])('learns a position for each further patch of ViT-H/14 at %d pixels', (resolution, patches) => {
    const parameters = learnedParameters(graphOf(zooModel('vit-h-14', { resolution })));
    expect(parameters - published['vit-h-14'].parameters).toBe(patches * 1280);
  });

  it('sizes 553 MB of VGG-16 without reading a weight', () => {
    const model = zooModel('vgg16');
    const untouched = model.graph.initializers.map((tensor) => {
      if (tensor.data.kind !== 'bytes') return tensor;
      const source = {
        size: tensor.data.bytes.source.size,
        read: () => {
          throw new Error(`'${tensor.name}' was read`);
        },
      };
      return { ...tensor, data: { kind: 'bytes', bytes: { ...tensor.data.bytes, source } } } as const;
    });
    const { sizeBytes } = encodeModel({ ...model, graph: { ...model.graph, initializers: untouched } });
    expect(sizeBytes).toBeGreaterThan(553_430_176);
    expect(sizeBytes).toBeLessThan(553_430_176 + 10_000);
  });

  it.each([
    ['alexnet', 64, 'Expand'],
    ['alexnet', 240, undefined],
    ['alexnet', 415, 'AveragePool'],
    ['vgg16', 32, 'Expand'],
    ['vgg16', 255, undefined],
    ['vgg16', 448, 'AveragePool'],
  ] as const)('pools %s at %d pixels by %s', (name, resolution, op) => {
    const { nodes } = zooModel(name, { resolution }).graph;
    expect(nodes.find((node) => node.name === 'avgpool')?.opType).toBe(op);
  });

  it.each<[string, ZooOptions, RegExp]>([
    ['lenet', {}, /no 'lenet'.*alexnet, vgg16/],
    ['__proto__', {}, /no '__proto__'/],
    ['vit-b-16', { resolution: 15 }, /resolution of vit-b-16 is 15, expected a whole number from 16/],
    ['vit-h-14', { resolution: 224.5 }, /224\.5/],
    ['inception-v3', { resolution: 74 }, /from 75/],
    ['inception-v4', { resolution: 74 }, /from 75/],
    ['cifar-resnet-8', { resolution: 34 }, /multiple of 4/],
    ['resnet-50', { resolution: 31 }, /from 32/],
    ['resnet-50', { resolution: Number.NaN }, /NaN/],
    ['vgg16', { resolution: 160 }, /5 × 5.*1 or a multiple of 7/],
    ['alexnet', { resolution: 128 }, /3 × 3.*1 or a multiple of 6/],
    ['resnet-50', { resolution: 1e9 }, /to 8192/],
    ['resnet-50', { classes: 0 }, /classes/],
    ['resnet-50', { classes: 1e12 }, /classes/],
    ['resnet-50', { seed: -1 }, /seed/],
    ['resnet-50', { batch: 1.5 }, /batch/],
  ])('refuses %s with %j', (name, options, message) => {
    expect(() => zooModel(name, options)).toThrowError(
      expect.objectContaining({ name: 'InvalidInputError', message: expect.stringMatching(message) }),
    );
  });
});
