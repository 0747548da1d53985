import { describe, expect, it } from 'vitest';
import { createModelBuilder, float, type ModelBuilder } from './build.ts';
import { bufferSource, rangeOf, readRange } from './byte-source.ts';
import { encodedBytes, encodeModel } from './encode-model.ts';
import type { TensorProto } from './model.ts';
import { readModel } from './read-model.ts';
import { tensorProto } from './tensor-proto.ts';

function perceptron(): ModelBuilder {
  const onnx = createModelBuilder({ name: 'perceptron', opset: 17 });
  const x = onnx.input('x', 'float32', ['N', 2]);
  const weight = onnx.initializer('fc.weight', 'float32', [1, 2], [0.5, -1]);
  const y = onnx.node('Gemm', [x, weight], { transB: 1, alpha: float(2) }, 'fc');
  onnx.output(onnx.node('Relu', [y]), 'float32', ['N', 1]);
  return onnx;
}

function bytesOf(tensor: TensorProto): number[] {
  if (tensor.data.kind !== 'bytes') throw new Error(`tensor '${tensor.name}' has no bytes`);
  return [...readRange(tensor.data.bytes)];
}

describe('createModelBuilder', () => {
  it('keeps nodes in order, each output named as its node', () => {
    const { graph, operatorSets } = perceptron().build();
    expect(operatorSets).toEqual([{ domain: '', version: 17 }]);
    expect(graph.nodes.map(({ name, opType, inputs, outputs }) => [name, opType, inputs, outputs])).toEqual([
      ['fc', 'Gemm', ['x', 'fc.weight'], ['fc']],
      ['Relu0', 'Relu', ['fc'], ['Relu0']],
    ]);
    expect(graph.outputs.map(({ name }) => name)).toEqual(['Relu0']);
  });

  it('tells floats from ints', () => {
    expect(perceptron().build().graph.nodes[0]?.attributes).toEqual([
      { name: 'transB', kind: 'int', value: 1n },
      { name: 'alpha', kind: 'float', value: 2 },
    ]);
  });

  it('takes every kind of attribute', () => {
    const onnx = createModelBuilder({ name: 'attributes' });
    const value = tensorProto('t', 'int64', [1], [7]);
    const attributes = {
      ints: [1, 2],
      floats: float([1, 0.5]),
      text: 'a',
      texts: ['a', 'b'],
      none: [],
      value,
    };
    onnx.node('Custom', [], attributes);
    const built = onnx.build().graph.nodes[0]?.attributes.map(({ name, kind }) => [name, kind]);
    expect(built).toEqual([
      ['ints', 'ints'],
      ['floats', 'floats'],
      ['text', 'string'],
      ['texts', 'strings'],
      ['none', 'ints'],
      ['value', 'tensor'],
    ]);
  });

  it('names several outputs after their node', () => {
    const onnx = createModelBuilder({ name: 'split' });
    const x = onnx.input('x', 'float32', [4]);
    expect(onnx.nodeWithOutputs('Split', [x], ['left', 'right'], { axis: 0 }, 'halves')).toEqual([
      'halves:left',
      'halves:right',
    ]);
  });

  it('makes a model that survives its encoding', () => {
    const model = perceptron().build();
    const again = readModel(bufferSource(encodedBytes(encodeModel(model))));
    expect(again.graph.nodes).toEqual(model.graph.nodes);
    expect(again.graph.inputs).toEqual(model.graph.inputs);
    expect(again.graph.initializers.map(bytesOf)).toEqual(model.graph.initializers.map(bytesOf));
  });

  it('does not change what it has built', () => {
    const onnx = perceptron();
    const before = onnx.build();
    onnx.node('Relu', ['fc']);
    expect(before.graph.nodes).toHaveLength(2);
    expect(onnx.build().graph.nodes).toHaveLength(3);
  });

  it.each<[string, (onnx: ModelBuilder) => void, RegExp]>([
    ['a name used twice', (onnx) => onnx.input('x', 'float32', [1]), /two tensors named 'x'/],
    ['an empty name', (onnx) => onnx.input('', 'float32', [1]), /two tensors named ''/],
    ['an unknown input', (onnx) => onnx.node('Relu', ['y']), /reads 'y'/],
    ['an unknown output', (onnx) => onnx.output('z', 'float32', [1]), /reads 'z'/],
    ['a bare fraction', (onnx) => onnx.node('Elu', ['x'], { alpha: 0.5 }), /'alpha' holds 0.5/],
    ['too few values', (onnx) => onnx.initializer('w', 'float32', [3], [1, 2]), /got 8 bytes, expected 12/],
    ['a negative dimension', (onnx) => onnx.initializer('w', 'float32', [-1], []), /\[-1\]/],
    ['a fraction in integers', (onnx) => onnx.constant('c', 'int64', [1], [0.5]), /'c' holds 0.5/],
    ['numbers of a type without a writer', (onnx) => onnx.constant('c', 'float16', [1], [1]), /float16/],
  ])('refuses %s', (_fault, act, message) => {
    expect(() => act(perceptron())).toThrowError(
      expect.objectContaining({ name: 'InvalidInputError', message: expect.stringMatching(message) }),
    );
  });
});

describe('tensorProto', () => {
  it.each([
    ['float32', [1], [0, 0, 0x80, 0x3f]],
    ['int64', [-2], [254, 255, 255, 255, 255, 255, 255, 255]],
    ['uint16', [258], [2, 1]],
    ['bool', [1, 0], [1, 0]],
  ] as const)('writes %s %j little-endian', (type, values, bytes) => {
    expect(bytesOf(tensorProto('t', type, [values.length], values))).toEqual(bytes);
  });

  it('takes bytes that lie elsewhere', () => {
    const range = rangeOf(Uint8Array.of(1, 2, 3, 4));
    expect(tensorProto('t', 'uint8', [4], range).data).toEqual({ kind: 'bytes', bytes: range });
  });
});
