import { describe, expect, test } from 'vitest';
import { createRandom } from '../random.ts';
import { rangeOf } from './byte-source.ts';
import type { GraphProto, ModelProto, NodeProto, ValueInfo } from './model.ts';
import { modelAround } from './model-around.ts';
import { randomModel } from './random-model.ts';
import { validateModel } from './validate-model.ts';

const value = (name: string, size = 1): ValueInfo => ({
  name,
  type: { kind: 'tensor', elementType: 'float32', shape: [size] },
  documentation: '',
  rest: [],
});

const relu = (input: string, output: string): NodeProto => ({
  name: output,
  opType: 'Relu',
  domain: '',
  inputs: [input],
  outputs: [output],
  attributes: [],
  documentation: '',
  rest: [],
});

const good: GraphProto = {
  name: 'g',
  documentation: '',
  nodes: [relu('x', 'a'), relu('a', 'b')],
  initializers: [],
  inputs: [value('x')],
  outputs: [value('b')],
  valueInfos: [],
  rest: [],
};

const modelOf = (graph: Partial<GraphProto>): ModelProto => modelAround({ ...good, ...graph });

const weight = (dims: number[], length: number) => ({
  name: 'w',
  elementType: 'float32' as const,
  dims,
  data: { kind: 'bytes' as const, bytes: rangeOf(new Uint8Array(length)) },
  documentation: '',
});

const bodyNode = (...nodes: NodeProto[]): NodeProto => ({
  ...relu('a', 'b'),
  attributes: [{ name: 'body', kind: 'graph', value: { ...good, inputs: [], nodes, outputs: [value('i')] } }],
});

test('valid models have no fault', () => {
  expect(validateModel(modelOf({}))).toEqual([]);
  for (let seed = 0; seed < 50; seed++) expect(validateModel(randomModel(createRandom(seed)))).toEqual([]);
});

describe('one sentence a fault', () => {
  test.each([
    { graph: { outputs: [] }, fault: 'The graph has no output.' },
    { graph: { outputs: [value('q')] }, fault: "Output 'q' is yielded by nothing." },
    {
      graph: { nodes: [relu('a', 'b'), relu('x', 'a')] },
      fault: "Relu 'b' reads 'a' before anything yields it.",
    },
    {
      graph: { nodes: [relu('x', 'b'), relu('x', 'b')] },
      fault: "Relu 'b' yields 'b', which exists already.",
    },
    {
      graph: { nodes: [relu('x', 'x'), relu('x', 'b')] },
      fault: "Relu 'x' yields 'x', which exists already.",
    },
    {
      graph: { nodes: [{ ...relu('x', 'b'), domain: 'my.own' }] },
      fault: "Relu 'b' is of domain 'my.own', which is not imported.",
    },
    {
      graph: { nodes: [{ ...relu('x', 'b'), opType: '' }] },
      fault: "A node without operator type 'b' cannot be run.",
    },
    { graph: { inputs: [value('x'), value('x')] }, fault: "The input 'x' occurs twice." },
    {
      graph: { inputs: [{ ...value('x'), type: null }] },
      fault: "The graph's input or output 'x' has no type.",
    },
    {
      graph: { inputs: [value('x', -2)] },
      fault: "Tensor 'x' has a dimension of -2, expected a whole number >= 0.",
    },
    { graph: { initializers: [weight([2], 4)] }, fault: "Tensor 'w' holds 4, expected 8." },
    {
      graph: { initializers: [weight([2 ** 40, 2 ** 40], 4)] },
      fault:
        "tensor 'w' has dims [1099511627776, 1099511627776], expected sizes >= 0 with a product below 2^53.",
    },
    {
      graph: { nodes: [relu('x', 'a'), bodyNode(relu('q', 'i'))] },
      fault: "Relu 'i' reads 'q' before anything yields it.",
    },
  ])('$fault', ({ graph, fault }) => {
    expect(validateModel(modelOf(graph))).toContain(fault);
  });

  test('a body may read what the graph around it has yielded', () => {
    expect(validateModel(modelOf({ nodes: [relu('x', 'a'), bodyNode(relu('a', 'i'))] }))).toEqual([]);
  });

  test('operator sets', () => {
    const sets = [
      { domain: '', version: 0 },
      { domain: 'ai.onnx', version: 9 },
    ];
    expect(validateModel({ ...modelOf({}), operatorSets: sets })).toEqual([
      "Operator set '' has version 0, expected 1 or more.",
      "Operator set 'ai.onnx' is imported twice.",
    ]);
  });

  test('a hundred are enough', () => {
    const nodes = Array.from({ length: 500 }, (_, index) => relu('nowhere', `t${index}`));
    expect(validateModel(modelOf({ nodes }))).toHaveLength(100);
  });
});
