import { describe, expect, test } from 'vitest';
import { dependence, modelInputs } from './dependence.ts';
import type { Attribute, GraphProto, NodeProto, TensorProto } from './model.ts';

const value = (name: string) => ({ name, type: null, documentation: '', rest: [] });
const weight = (name: string): TensorProto => ({
  name,
  elementType: 'float32',
  dims: [0],
  data: { kind: 'strings', values: [] },
  documentation: '',
});

const node = (
  opType: string,
  inputs: string[],
  outputs: string[],
  ...attributes: Attribute[]
): NodeProto => ({
  name: '',
  opType,
  domain: '',
  inputs,
  outputs,
  attributes,
  documentation: '',
  rest: [],
});

const graph = (parts: {
  inputs?: string[];
  weights?: string[];
  nodes?: NodeProto[];
  outputs?: string[];
}): GraphProto => ({
  name: '',
  documentation: '',
  nodes: parts.nodes ?? [],
  initializers: (parts.weights ?? []).map(weight),
  inputs: (parts.inputs ?? []).map(value),
  outputs: (parts.outputs ?? []).map(value),
  valueInfos: [],
  rest: [],
});

const body = (name: string, content: GraphProto): Attribute => ({ name, kind: 'graph', value: content });

describe('constant', () => {
  test.each([
    { what: 'reads the input', nodes: [node('Relu', ['x'], ['y'])], constant: [false] },
    { what: 'reads a weight', nodes: [node('Identity', ['w'], ['y'])], constant: [true] },
    { what: 'reads nothing', nodes: [node('Constant', [], ['y'])], constant: [true] },
    { what: 'reads both', nodes: [node('Conv', ['x', 'w', ''], ['y'])], constant: [false] },
    {
      what: 'draws at random',
      nodes: [node('RandomNormal', [], ['y']), node('Relu', ['y'], ['z'])],
      constant: [false, false],
    },
    {
      what: 'drops at random',
      nodes: [node('Dropout', ['w', '', 'w'], ['y']), node('Dropout', ['w'], ['z'])],
      constant: [false, true],
    },
    { what: 'reads what nothing yields', nodes: [node('Relu', ['missing'], ['y'])], constant: [false] },
    {
      what: 'is written in reverse',
      nodes: [node('Relu', ['a'], ['b']), node('Identity', ['w'], ['a'])],
      constant: [true, true],
    },
    {
      what: 'waits for itself',
      nodes: [node('Add', ['w', 'b'], ['a']), node('Relu', ['a'], ['b'])],
      constant: [false, false],
    },
    {
      what: 'captures the input',
      nodes: [
        node(
          'If',
          ['w'],
          ['y'],
          body('then_branch', graph({ nodes: [node('Relu', ['x'], ['i'])], outputs: ['i'] })),
        ),
      ],
      constant: [false],
    },
    {
      what: 'draws at random inside',
      nodes: [
        node(
          'If',
          ['w'],
          ['y'],
          body('then_branch', graph({ nodes: [node('RandomNormal', [], ['i'])], outputs: ['i'] })),
        ),
      ],
      constant: [false],
    },
  ])('$what', ({ nodes, constant }) => {
    const needs = dependence(graph({ inputs: ['x', 'w'], weights: ['w'], nodes }));
    expect(needs.map((need) => need.constant)).toEqual(constant);
  });
});

describe('captured', () => {
  const inner = body(
    'body',
    graph({ inputs: ['i'], nodes: [node('Add', ['i', 'deep'], ['o'])], outputs: ['o', 'far'] }),
  );
  const loop = graph({
    inputs: ['n', 'state'],
    weights: ['own'],
    nodes: [
      node('Add', ['state', 'a'], ['s']),
      node('Mul', ['s', 'own'], ['t']),
      node('Loop', ['', 'b'], ['u'], inner),
    ],
    outputs: ['t', 'a', 's'],
  });

  test('what bodies and bodies of bodies read from outside, each once, and not what they yield', () => {
    const [need] = dependence(graph({ nodes: [node('Loop', ['a', ''], ['y'], body('body', loop))] }));
    expect(need?.captured).toEqual(['a', 'b', 'deep', 'far']);
    expect(need?.reads).toEqual(['a', 'b', 'deep', 'far']);
  });
});

test('initializers listed among the inputs are not inputs', () => {
  const inputs = modelInputs(graph({ inputs: ['x', 'w', 'y'], weights: ['w'] }));
  expect(inputs.map((input) => input.name)).toEqual(['x', 'y']);
});
