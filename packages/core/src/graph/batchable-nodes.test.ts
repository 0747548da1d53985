import { describe, expect, it } from 'vitest';
import { createModelBuilder, type ModelBuilder } from '../onnx/build.ts';
import { zooModel } from '../zoo/zoo.ts';
import { batchableNodes } from './batchable-nodes.ts';
import { graphOf } from './graph-of.ts';

/** What may run together of a model that reads 'x', of so many rows. */
function operatorsOf(
  build: (builder: ModelBuilder, input: string) => string,
  shape: readonly (number | string)[] = ['N', 4],
): readonly string[] {
  const builder = createModelBuilder({ name: 'm' });
  const output = build(builder, builder.input('x', 'float32', shape));
  builder.output(output, 'float32', ['N', 4]);
  const model = builder.build();
  const graph = graphOf(model, { batch: 1 });
  return batchableNodes(model, graph).map((id) => graph.nodes[id]?.op ?? '');
}

describe('batchableNodes', () => {
  it.each(['cifar-resnet-8', 'mobilenet-v2', 'googlenet'])('are all those of %s', (name) => {
    const model = zooModel(name, { resolution: 32 });
    const graph = graphOf(model, { batch: 1 });
    expect(batchableNodes(model, graph)).toEqual(graph.nodes.map(({ id }) => id));
  });

  it('are all of a transformer but those that repeat its class token for each request', () => {
    const model = zooModel('vit-b-16', { resolution: 32 });
    const graph = graphOf(model, { batch: 1 });
    const apart = new Set(batchableNodes(model, graph));
    expect(graph.nodes.filter(({ id }) => !apart.has(id)).map(({ op }) => op)).toEqual([
      'Shape',
      'Concat',
      'Expand',
    ]);
  });

  it('are none of a model with a batch of its own', () => {
    const model = zooModel('cifar-resnet-8', { batch: 1 });
    expect(batchableNodes(model, graphOf(model, { batch: 1 }))).toEqual([]);
  });

  it.each<[string, (builder: ModelBuilder, input: string) => string, readonly string[]]>([
    ['softmax over channels', (b, x) => b.node('Softmax', [x], { axis: 1 }), ['Softmax']],
    [
      'softmax over channels, counted from behind',
      (b, x) => b.node('Softmax', [x], { axis: -1 }),
      ['Softmax'],
    ],
    ['softmax over requests', (b, x) => b.node('Softmax', [x], { axis: 0 }), []],
    ['softmax over requests, counted from behind', (b, x) => b.node('Softmax', [x], { axis: -2 }), []],
    ['a sum over requests', (b, x) => b.node('ReduceMean', [x], { axes: [0], keepdims: 1 }), []],
    ['a mean over channels', (b, x) => b.node('ReduceMean', [x], { axes: [1], keepdims: 1 }), ['ReduceMean']],
    ['a running sum', (b, x) => b.node('CumSum', [x, b.constant('axis', 'int64', [], [0])]), []],
    ['requests as columns', (b, x) => b.node('Transpose', [x], { perm: [1, 0] }), []],
    ['a fixed shape', (b, x) => b.node('Reshape', [x, b.constant('s', 'int64', [2], [1, 4])]), []],
    [
      'a shape that follows',
      (b, x) => b.node('Reshape', [x, b.constant('s', 'int64', [3], [-1, 2, 2])]),
      ['Reshape'],
    ],
    ['requests as one row', (b, x) => b.node('Reshape', [x, b.constant('s', 'int64', [2], [1, -1])]), []],
    [
      'sums of tensors of several ranks',
      (b, x) => b.node('Add', [b.node('Unsqueeze', [x, b.constant('axes', 'int64', [1], [1])]), x]),
      ['Unsqueeze'],
    ],
  ])('decide about %s', (_what, build, expected) => {
    expect(operatorsOf(build)).toEqual(expected);
  });
});
