import { createHash } from 'node:crypto';
import {
  bufferSource,
  type CreateSha256,
  createModelBuilder,
  type Graph,
  graphOf,
  InvalidInputError,
  type ModelProto,
  readModel,
  type Stage,
  zooModel,
} from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { memoryStore } from './memory-store.ts';
import type { SegmentSource, StoredSegment } from './segment.ts';
import { segmentSources } from './segment-sources.ts';

const createSha256: CreateSha256 = () => {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), hexadecimal: () => hash.digest('hex') };
};
const signal = new AbortController().signal;

/** x → Relu → Neg → Exp, and x → Add(Neg, x); the constant node stands between them in the file. */
function forkedModel(): ModelProto {
  const builder = createModelBuilder({ name: 'forked', opset: 17 });
  const x = builder.input('x', 'float32', ['N', 4]);
  const a = builder.node('Relu', [x], {}, 'a');
  const one = builder.constant('one', 'float32', [], [1]);
  const b = builder.node('Add', [a, one], {}, 'b');
  builder.output(builder.node('Exp', [b], {}, 'c'), 'float32', ['N', 4]);
  builder.output(builder.node('Add', [b, x], {}, 'd'), 'float32', ['N', 4]);
  return builder.build();
}

function prefixStages(graph: Graph, cut: number): Stage[] {
  const ids = graph.nodes.map(({ id }) => id);
  return [
    { device: 'first', nodes: ids.slice(0, cut) },
    { device: 'second', nodes: ids.slice(cut) },
  ];
}

async function store(source: SegmentSource): Promise<StoredSegment> {
  const receiver = await memoryStore(createSha256).receive(source.manifest, signal);
  for (const { name } of source.manifest.parts) {
    for await (const chunk of source.chunks(name)) await receiver.write(name, chunk);
  }
  return receiver.finish();
}

async function readBack(source: SegmentSource): Promise<ModelProto> {
  const { model } = await store(source);
  return 'path' in model ? expect.fail('a memory store gives bytes') : readModel(bufferSource(model.bytes));
}

const ends = (model: ModelProto): object => ({
  name: model.graph.name,
  nodes: model.graph.nodes.map(({ opType }) => opType),
  inputs: model.graph.inputs.map(({ name, type }) => [name, type]),
  outputs: model.graph.outputs.map(({ name }) => name),
});

const matrix = { kind: 'tensor', elementType: 'float32', shape: [1, 4] };

describe('segmentSources', () => {
  it('makes a part a stage, with the shapes of the graph and the constants that it needs', async () => {
    const model = forkedModel();
    const graph = graphOf(model, { batch: 1 });
    const sources = segmentSources({ model, graph, plan: { stages: prefixStages(graph, 1) }, createSha256 });
    const [first, second] = await Promise.all(sources.map(readBack));
    expect(first && ends(first)).toEqual({
      name: 'forked/stage-1',
      nodes: ['Relu'],
      inputs: [['x', matrix]],
      outputs: ['a'],
    });
    expect(second && ends(second)).toEqual({
      name: 'forked/stage-2',
      nodes: ['Constant', 'Add', 'Exp', 'Add'],
      inputs: [
        ['a', matrix],
        ['x', matrix],
      ],
      outputs: ['c', 'd'],
    });
  });

  it('keeps a megabyte of weights and more beside the model', async () => {
    const model = zooModel('cifar-resnet-8', { batch: 1 });
    const large = zooModel('mobilenet-v2', { resolution: 32, batch: 1 });
    const names = [model, large].map((network) => {
      const graph = graphOf(network);
      const [source] = segmentSources({
        model: network,
        graph,
        plan: { stages: prefixStages(graph, graph.nodes.length).slice(0, 1) },
        createSha256,
      });
      return source?.manifest.parts.map(({ name }) => name);
    });
    expect(names).toEqual([['model.onnx'], ['model.onnx', 'weights.bin']]);
  });

  it('gives the same manifest every time and bytes that a store accepts', async () => {
    const model = zooModel('mobilenet-v2', { resolution: 32, batch: 1 });
    const graph = graphOf(model);
    const options = { model, graph, plan: { stages: prefixStages(graph, 60) }, createSha256 };
    const digests = await Promise.all(
      segmentSources(options).map(async (source) => (await store(source)).digest),
    );
    expect(digests).toEqual(segmentSources(options).map(({ manifest }) => manifest.digest));
    expect(new Set(digests).size).toBe(2);
  });

  it('reads no weight before somebody asks for a manifest or chunks', () => {
    const model = zooModel('cifar-resnet-8', { batch: 1 });
    const graph = graphOf(model);
    const untouchable = { size: 2 ** 40, read: (): Uint8Array => expect.fail('a weight was read') };
    const guarded: ModelProto = {
      ...model,
      graph: {
        ...model.graph,
        initializers: model.graph.initializers.map((tensor) =>
          tensor.data.kind === 'bytes' && tensor.data.bytes.length > 1024
            ? { ...tensor, data: { kind: 'bytes', bytes: { ...tensor.data.bytes, source: untouchable } } }
            : tensor,
        ),
      },
    };
    expect(
      segmentSources({ model: guarded, graph, plan: { stages: prefixStages(graph, 9) }, createSha256 }),
    ).toHaveLength(2);
  });

  it.each([
    ['a node that the graph does not have', [99], /node 99, but forked has 4 nodes/],
    ['a set that is not convex', [0, 2, 3], /convex|comes back|return/],
  ])('refuses %s', (_, nodes, message) => {
    const model = forkedModel();
    const graph = graphOf(model, { batch: 1 });
    const make = (): unknown =>
      segmentSources({ model, graph, plan: { stages: [{ device: 'pi', nodes }] }, createSha256 });
    expect(make).toThrow(InvalidInputError);
    expect(make).toThrow(message);
  });

  it('refuses a part that the segment does not have', () => {
    const model = forkedModel();
    const graph = graphOf(model, { batch: 1 });
    const [source] = segmentSources({ model, graph, plan: { stages: prefixStages(graph, 2) }, createSha256 });
    expect(() => source?.chunks('weights.bin')).toThrow(/no part 'weights.bin', only model.onnx/);
  });
});
