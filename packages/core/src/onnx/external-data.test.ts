import { describe, expect, test } from 'vitest';
import { graphAttribute, tensorAttribute } from './attributes.ts';
import { bufferSource, rangeOf } from './byte-source.ts';
import { encodedBytes, encodeModel } from './encode-model.ts';
import { externaliseWeights, resolveExternal } from './external-data.ts';
import type { ModelProto, NodeProto, TensorData, TensorProto } from './model.ts';
import { modelAround } from './model-around.ts';
import { readModel } from './read-model.ts';
import { tensorBytes } from './tensor-bytes.ts';

const modelWith = (...initializers: TensorProto[]): ModelProto => modelAround({ initializers });

const tensor = (name: string, size: number, data?: TensorData): TensorProto => ({
  name,
  elementType: 'uint8',
  dims: [size],
  data: data ?? { kind: 'bytes', bytes: rangeOf(new Uint8Array(size).fill(name.charCodeAt(0))) },
  documentation: '',
});

const external = (location: string, offset = 0, length: number | null = null): TensorData => ({
  kind: 'external',
  location,
  offset,
  length,
});

describe('externaliseWeights', () => {
  const options = { location: 'weights.bin', minimumBytes: 3, alignment: 8 };

  test('weights at aligned offsets, small ones stay', () => {
    const { model, weights } = externaliseWeights(
      modelWith(tensor('a', 3), tensor('b', 2), tensor('c', 4)),
      options,
    );
    expect(model.graph.initializers.map(({ data }) => data)).toEqual([
      external('weights.bin', 0, 3),
      expect.objectContaining({ kind: 'bytes' }),
      external('weights.bin', 8, 4),
    ]);
    expect([...encodedBytes(weights)]).toEqual([97, 97, 97, 0, 0, 0, 0, 0, 99, 99, 99, 99]);
  });

  test('written, read and resolved, the model is what it was', () => {
    const whole = modelWith(tensor('a', 3), tensor('b', 2), tensor('c', 40));
    const { model, weights } = externaliseWeights(whole, options);
    const read = readModel(bufferSource(encodedBytes(encodeModel(model))));
    const resolved = resolveExternal(read, () => bufferSource(encodedBytes(weights)));
    expect(resolved.graph.initializers.map(tensorBytes)).toEqual(whole.graph.initializers.map(tensorBytes));
    expect(encodedBytes(encodeModel(resolved))).toEqual(encodedBytes(encodeModel(whole)));
  });

  test('a file that weights already lie in is not written over', () => {
    const model = modelWith(tensor('a', 3, external('weights.bin')));
    expect(() => externaliseWeights(model, options)).toThrow(/'a' lies in 'weights.bin' already/);
  });

  test.each([0, -1, 1.5, Number.NaN, 2 ** 30])('an alignment of %d is refused', (alignment) => {
    expect(() => externaliseWeights(modelWith(), { ...options, alignment })).toThrow(/aligned to/);
  });
});

describe('resolveExternal', () => {
  const file = bufferSource(Uint8Array.from([1, 2, 3, 4, 5]));

  test('each file is opened once; null runs to its end', () => {
    const opened: string[] = [];
    const model = modelWith(tensor('a', 2, external('d/w', 3)), tensor('b', 1, external('d/w', 0, 1)));
    const resolved = resolveExternal(model, (location) => {
      opened.push(location);
      return file;
    });
    expect(resolved.graph.initializers.map((item) => [...tensorBytes(item)])).toEqual([[4, 5], [1]]);
    expect(opened).toEqual(['d/w']);
  });

  test('constants and the bodies of nodes are resolved too', () => {
    const constant: NodeProto = {
      name: '',
      opType: 'Constant',
      domain: '',
      inputs: [],
      outputs: ['c'],
      attributes: [{ name: 'value', kind: 'tensor', value: tensor('', 2, external('w', 1, 2)) }],
      documentation: '',
      rest: [],
    };
    const body = { ...modelWith().graph, nodes: [constant] };
    const outer: NodeProto = {
      ...constant,
      opType: 'If',
      attributes: [{ name: 'b', kind: 'graph', value: body }],
    };
    const model = { ...modelWith(), graph: { ...modelWith().graph, nodes: [outer] } };
    const resolved = resolveExternal(model, () => file);
    const inner = graphAttribute(resolved.graph.nodes[0] ?? constant, 'b')?.nodes[0] ?? outer;
    const value = tensorAttribute(inner, 'value') ?? expect.fail('no value');
    expect([...tensorBytes(value)]).toEqual([2, 3]);
  });

  test('a model without references is returned as it is', () => {
    const model = modelWith(tensor('a', 2));
    expect(resolveExternal(model, () => file)).toBe(model);
  });

  test.each([
    '/etc/passwd',
    '../secret',
    'a/../../b',
    'C:\\weights',
    'c:weights',
    'a\\b',
    'a\0b',
    '',
    '*/_ORT_MEM_ADDR_/*',
  ])('the location %j is not opened', (location) => {
    const open = (): never => expect.fail('opened');
    expect(() => resolveExternal(modelWith(tensor('a', 1, external(location))), open)).toThrow(
      /expected a path within/,
    );
  });

  test.each([
    { what: 'beyond the end', size: 3, offset: 3, length: 3, message: /do not lie within the 5 bytes/ },
    { what: 'from behind the end', size: 1, offset: 6, length: null, message: /refers to -1 bytes/ },
    {
      what: 'of another length',
      size: 2,
      offset: 0,
      length: 3,
      message: /refers to 3 bytes of 'w', expected 2/,
    },
  ])('a range $what is refused', ({ size, offset, length, message }) => {
    const model = modelWith(tensor('a', size, external('w', offset, length)));
    expect(() => resolveExternal(model, () => file)).toThrow(message);
  });
});
