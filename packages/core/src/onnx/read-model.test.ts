import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../errors.ts';
import { createRandom } from '../random.ts';
import { bufferSource, readRange } from './byte-source.ts';
import { encodedBytes, encodeModel } from './encode-model.ts';
import type { Attribute, ByteSource, ModelProto, NodeProto } from './model.ts';
import { modelAround } from './model-around.ts';
import { randomModel } from './random-model.ts';
import { readModel } from './read-model.ts';

const smallest = modelAround({ name: 'g' });

const nodeWith = (...attributes: Attribute[]): NodeProto => ({
  name: 'n',
  opType: 'Op',
  domain: '',
  inputs: ['x', '', 'y'],
  outputs: ['z'],
  attributes,
  documentation: '',
  rest: [],
});

const withNode = (node: NodeProto): ModelProto => ({
  ...smallest,
  graph: { ...smallest.graph, nodes: [node] },
});
const bytesOf = (model: ModelProto): Uint8Array => encodedBytes(encodeModel(model));
const read = (bytes: Uint8Array | readonly number[]): ModelProto =>
  readModel(bufferSource(Uint8Array.from(bytes)));
const again = (model: ModelProto): ModelProto => read(bytesOf(model));

/** ByteRanges as their content, so that models compare by value. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, field: unknown) => {
      if (typeof field === 'bigint') return `${field}n`;
      if (field === Infinity || Number.isNaN(field) || Object.is(field, -0)) return String(field);
      if (isRange(field)) return [...readRange(field)];
      return field;
    }),
  );
}

function isRange(value: unknown): value is { source: ByteSource; offset: number; length: number } {
  return typeof value === 'object' && value !== null && 'source' in value && 'offset' in value;
}

describe('what is written is read', () => {
  test('random models: the same content, then the same bytes', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const model = randomModel(createRandom(seed));
        const bytes = bytesOf(model);
        expect(plain(read(bytes))).toEqual(plain(model));
        expect(bytesOf(read(bytes))).toEqual(bytes);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  test.each<{ attribute: Attribute }>([
    { attribute: { name: 'a', kind: 'float', value: 0 } },
    { attribute: { name: 'a', kind: 'float', value: -0 } },
    { attribute: { name: 'a', kind: 'float', value: Number.POSITIVE_INFINITY } },
    { attribute: { name: 'a', kind: 'int', value: 0n } },
    { attribute: { name: 'a', kind: 'int', value: -(2n ** 63n) } },
    { attribute: { name: 'a', kind: 'string', value: '' } },
    { attribute: { name: 'a', kind: 'graph', value: smallest.graph } },
    { attribute: { name: 'a', kind: 'graphs', value: [smallest.graph, smallest.graph] } },
    { attribute: { name: 'a', kind: 'floats', value: [] } },
    { attribute: { name: 'a', kind: 'strings', value: ['', 'b'] } },
  ])('attribute $attribute.kind', ({ attribute }) => {
    expect(plain(again(withNode(nodeWith(attribute))))).toEqual(plain(withNode(nodeWith(attribute))));
  });

  test('denotations of a type and of its axes', () => {
    const type = {
      kind: 'tensor',
      elementType: 'float32',
      shape: ['N', 3, null],
      denotation: 'IMAGE',
      axisDenotations: ['DATA_BATCH', 'DATA_CHANNEL', ''],
    } as const;
    const model = {
      ...smallest,
      graph: { ...smallest.graph, inputs: [{ name: 'x', type, documentation: '', rest: [] }] },
    };
    expect(again(model).graph.inputs[0]?.type).toEqual(type);
  });

  const typed = (shape: number[]): ModelProto['graph'] => {
    const type = { kind: 'tensor', elementType: 'float32', shape } as const;
    return { ...smallest.graph, inputs: [{ name: 'x', type, documentation: '', rest: [] }] };
  };
  test.each<{ what: string; model: ModelProto; message: RegExp }>([
    {
      what: 'a fractional version',
      model: { ...smallest, irVersion: 1.5 },
      message: /field 1 of the model is 1.5/,
    },
    {
      what: 'a version that is no number',
      model: { ...smallest, modelVersion: Number.NaN },
      message: /is NaN/,
    },
    { what: 'a fractional size', model: { ...smallest, graph: typed([1.5]) }, message: /dimension of 1.5/ },
    { what: 'a negative size', model: { ...smallest, graph: typed([-1]) }, message: /dimension of -1/ },
  ])('$what is not written', ({ model, message }) => {
    expect(() => encodeModel(model)).toThrow(InvalidInputError);
    expect(() => encodeModel(model)).toThrow(message);
  });

  test('models are frozen all the way down', () => {
    const model = again(withNode(nodeWith({ name: 'a', kind: 'ints', value: [1n] })));
    const node = model.graph.nodes[0];
    const parts = [
      model,
      model.graph,
      model.graph.nodes,
      node,
      node?.inputs,
      node?.attributes[0],
      model.rest,
    ];
    expect(parts.map((part) => Object.isFrozen(part))).toEqual(parts.map(() => true));
  });
});

// Field 1 ir_version = 8, field 8 opset { version 17 }.
const versions = [0x08, 8, 0x42, 2, 0x10, 17];

describe('foreign encodings', () => {
  test('packed integers and floats read as single ones do', () => {
    const packed = [0x0a, 1, 97, 0x42, 3, 1, 2, 3, 0xa0, 1, 7]; // name 'a', ints packed [1, 2, 3], type INTS
    const node = [0x22, 2, 79, 112, 0x2a, packed.length, ...packed];
    const graph = [0x0a, node.length, ...node];
    const model = read([...versions, 0x3a, graph.length, ...graph]);
    expect(model.graph.nodes[0]?.attributes).toEqual([{ name: 'a', kind: 'ints', value: [1n, 2n, 3n] }]);
  });

  test.each([
    {
      what: 'an attribute without a type',
      bytes: [0x0a, 1, 97, 0x18, 5],
      expected: { name: 'a', kind: 'int', value: 5n },
    },
    {
      what: 'a string that is not UTF-8',
      bytes: [0x0a, 1, 97, 0x22, 1, 0xff, 0xa0, 1, 3],
      expected: { name: 'a', kind: 'other' },
    },
    {
      what: 'a reference of a function',
      bytes: [0x0a, 1, 97, 0xaa, 1, 1, 98, 0xa0, 1, 2],
      expected: { name: 'a', kind: 'other' },
    },
    {
      what: 'a type proto',
      bytes: [0x0a, 1, 97, 0x72, 0, 0xa0, 1, 13],
      expected: { name: 'a', kind: 'other' },
    },
  ])('$what', ({ bytes, expected }) => {
    const node = [0x2a, bytes.length, ...bytes];
    const graph = [0x0a, node.length, ...node];
    const whole = [...versions, 0x3a, graph.length, ...graph];
    const model = read(whole);
    expect(model.graph.nodes[0]?.attributes[0]).toMatchObject(expected);
    if (expected.kind === 'other') expect([...encodedOf(again(model))]).toEqual(bytes);
  });

  test('unknown fields and written-out empty ones come back at their place', () => {
    const graph = [0x12, 0, 0x3a, 1, 9]; // name written out as '', unknown field 7
    const bytes = [0x08, 8, 0x12, 0, 0x3a, graph.length, ...graph, 0x42, 4, 0x0a, 0, 0x10, 17, 0xd2, 1, 1, 5];
    expect([...bytesOf(read(bytes))]).toEqual(bytes);
  });

  test('-1 for a size reads as unknown', () => {
    const minusOne = [0x08, ...Array(9).fill(0xff), 0x01];
    const shape = [0x0a, minusOne.length, ...minusOne, 0x0a, 2, 0x08, 3];
    const type = [0x08, 1, 0x12, shape.length, ...shape];
    const info = [0x0a, 1, 120, 0x12, type.length + 2, 0x0a, type.length, ...type];
    const graph = [0x5a, info.length, ...info];
    const model = read([...versions, 0x3a, graph.length, ...graph]);
    expect(model.graph.inputs[0]?.type).toEqual({ kind: 'tensor', elementType: 'float32', shape: [null, 3] });
  });
});

function encodedOf(model: ModelProto): Uint8Array {
  const attribute = model.graph.nodes[0]?.attributes[0];
  if (attribute?.kind !== 'other') throw new Error(`expected kind 'other', got ${attribute?.kind}`);
  return readRange(attribute.encoded);
}

describe('refusals', () => {
  const emptyGraph = [0x3a, 0];
  test.each([
    { what: 'no bytes', bytes: [], message: /holds no graph/ },
    { what: 'no graph', bytes: versions, message: /holds no graph/ },
    { what: 'two graphs', bytes: [...versions, ...emptyGraph, ...emptyGraph], message: /field 7 twice/ },
    { what: 'no IR version', bytes: [...versions.slice(2), ...emptyGraph], message: /no ir_version/ },
    {
      what: 'no operator set',
      bytes: [0x08, 8, ...emptyGraph],
      message: /operator set 1 of ai.onnx, expected 7/,
    },
    {
      what: 'an old operator set',
      bytes: [0x08, 3, 0x42, 2, 0x10, 6, ...emptyGraph],
      message: /operator set 6 of ai.onnx, expected 7/,
    },
    {
      what: 'a graph that is a number',
      bytes: [...versions, 0x38, 1],
      message: /field 7 with wire type 0, expected 2/,
    },
    {
      what: 'a node input that is not UTF-8',
      bytes: [...versions, 0x3a, 5, 0x0a, 3, 0x0a, 1, 0xff],
      message: /field 1 that is not UTF-8/,
    },
    {
      what: 'a picture',
      bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
      message: /Is it|model file/,
    },
  ])('$what', ({ bytes, message }) => {
    expect(() => read(bytes)).toThrow(message);
  });

  test.each([
    { domain: 'ai.onnx', version: 6, refused: true },
    { domain: 'ai.onnx', version: 7, refused: false },
    { domain: 'com.microsoft', version: 1, refused: false },
  ])('only operator set $domain $version: refused $refused', ({ refused, ...set }) => {
    const bytes = bytesOf({ ...smallest, operatorSets: [set] });
    if (refused) expect(() => read(bytes)).toThrow(/expected 7 or later/);
    else expect(read(bytes).operatorSets).toEqual([set]);
  });

  test('sub-graphs nested 31 deep are read, 32 deep refused', () => {
    const nested = (levels: number): ModelProto['graph'] =>
      levels === 0
        ? smallest.graph
        : {
            ...smallest.graph,
            nodes: [nodeWith({ name: 'body', kind: 'graph', value: nested(levels - 1) })],
          };
    expect(again({ ...smallest, graph: nested(31) }).graph.nodes).toHaveLength(1);
    expect(() => again({ ...smallest, graph: nested(32) })).toThrow(/levels of sub-graphs/);
  });
});

describe('what is left alone', () => {
  test('a model over 550 MB of weights is read through a few kilobytes', () => {
    const layer = 2 ** 26;
    const weights = Array.from({ length: 8 }, (_, index) => ({
      name: `w${index}`,
      elementType: 'float32' as const,
      dims: [layer / 4],
      data: { kind: 'bytes' as const, bytes: zeros(layer) },
      documentation: '',
    }));
    const encoded = encodeModel({ ...smallest, graph: { ...smallest.graph, initializers: weights } });
    const file = joined(encoded.ranges);
    expect(readModel(file.source).graph.initializers.map((tensor) => tensor.dims)).toEqual(
      weights.map(({ dims }) => dims),
    );
    expect(file.bytesRead()).toBeLessThan(9 * 4096);
  });

  test('beyond 2 GiB the way out is named', () => {
    const weights = ['a', 'b'].map((name) => ({
      name,
      elementType: 'uint8' as const,
      dims: [2 ** 30],
      data: { kind: 'bytes' as const, bytes: zeros(2 ** 30) },
      documentation: '',
    }));
    const model = { ...smallest, graph: { ...smallest.graph, initializers: weights } };
    expect(() => encodeModel(model)).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining('externaliseWeights') }),
    );
  });
});

function zeros(length: number) {
  return {
    source: { size: length, read: (_: number, count: number) => new Uint8Array(count) },
    offset: 0,
    length,
  };
}

/** Ranges as one file that counts what is read from it. */
function joined(ranges: readonly { source: ByteSource; offset: number; length: number }[]) {
  let count = 0;
  const size = ranges.reduce((total, range) => total + range.length, 0);
  const source: ByteSource = {
    size,
    read: (offset, length) => {
      count += length;
      const bytes = new Uint8Array(length);
      let start = 0;
      for (const range of ranges) {
        const from = Math.max(offset, start);
        const to = Math.min(offset + length, start + range.length);
        if (from < to) bytes.set(range.source.read(range.offset + from - start, to - from), from - offset);
        start += range.length;
      }
      return bytes;
    },
  };
  return { source, bytesRead: () => count };
}
