import { describe, expect, test } from 'vitest';
import { bufferSource } from './byte-source.ts';
import { extractBetween } from './extract-between.ts';
import { extractNodes } from './extract-nodes.ts';
import type { ByteRange, ModelProto, NodeProto, TensorProto, ValueType } from './model.ts';
import { modelAround } from './model-around.ts';
import { validateModel } from './validate-model.ts';
import { WireWriter } from './wire-writer.ts';

const float: ValueType = { kind: 'tensor', elementType: 'float32', shape: ['N'] };
const typeOf = (): ValueType => float;
const value = (name: string) => ({ name, type: float, documentation: '', rest: [] });

/** 'y z = Op a b' is a node with inputs a and b and outputs y and z. */
function node(line: string): NodeProto {
  const [outputs = '', call = ''] = line.split(' = ');
  const [opType = '', ...inputs] = call.split(' ');
  return {
    name: '',
    opType,
    domain: '',
    inputs,
    outputs: outputs.split(' '),
    attributes: [],
    documentation: '',
    rest: [],
  };
}

function model(parts: {
  inputs?: string;
  weights?: string;
  nodes: readonly (string | NodeProto)[];
  outputs: string;
}): ModelProto {
  const list = (text = ''): string[] => text.split(' ').filter((name) => name !== '');
  const bare = modelAround({
    name: 'whole',
    nodes: parts.nodes.map((item) => (typeof item === 'string' ? node(item) : item)),
    initializers: list(parts.weights).map(weight),
    inputs: list(parts.inputs ?? 'x').map(value),
    outputs: list(parts.outputs).map(value),
  });
  return { ...bare, metadata: [{ key: 'kept', value: 'yes' }] };
}

const weight = (name: string): TensorProto => ({
  name,
  elementType: 'float32',
  dims: [0],
  data: { kind: 'bytes', bytes: { source: bufferSource(new Uint8Array(0)), offset: 0, length: 0 } },
  documentation: '',
});

function named(number: number, name: string): WireWriter {
  const writer = new WireWriter();
  writer.text(number, name);
  return writer;
}

const names = (items: readonly { readonly name: string }[]): string =>
  items.map(({ name }) => name).join(' ');

function summary(part: ModelProto): object {
  const { graph } = part;
  return {
    inputs: names(graph.inputs),
    outputs: names(graph.outputs),
    weights: names(graph.initializers),
    ops: graph.nodes.map((item) => item.opType).join(' '),
  };
}

const branching = model({
  weights: 'w v',
  nodes: ['a = Relu x', 'k = Identity w', 'b = Conv a k', 'c = Conv a v', 'd = Add b c', 'e = Add d x'],
  outputs: 'e',
});

const ifNode: NodeProto = {
  ...node('y = If flag'),
  attributes: [
    {
      name: 'then_branch',
      kind: 'graph',
      value: { ...model({ inputs: '', nodes: ['t = Add a w'], outputs: 't' }).graph },
    },
  ],
};

describe('extractNodes', () => {
  test.each([
    { what: 'a head', nodes: [0], expected: { inputs: 'x', outputs: 'a', weights: '', ops: 'Relu' } },
    {
      what: 'a tail that needs the input again',
      nodes: [4, 5],
      expected: { inputs: 'b c x', outputs: 'e', weights: '', ops: 'Add Add' },
    },
    {
      what: 'one branch, with the constant before its weight',
      nodes: [2],
      expected: { inputs: 'a', outputs: 'b', weights: 'w', ops: 'Identity Conv' },
    },
    {
      what: 'constant indices change nothing',
      nodes: [1, 3],
      expected: { inputs: 'a', outputs: 'c', weights: 'v', ops: 'Conv' },
    },
    {
      what: 'a tensor used inside and outside is an output',
      nodes: [0, 2],
      expected: { inputs: 'x', outputs: 'a b', weights: 'w', ops: 'Relu Identity Conv' },
    },
    {
      what: 'all',
      nodes: [5, 4, 3, 2, 1, 0],
      expected: { inputs: 'x', outputs: 'e', weights: 'w v', ops: 'Relu Identity Conv Conv Add Add' },
    },
  ])('$what', ({ nodes, expected }) => {
    const part = extractNodes(branching, { nodes, typeOf, name: 'part' });
    expect(summary(part)).toEqual(expected);
    expect(validateModel(part)).toEqual([]);
    expect([part.metadata, part.operatorSets, part.graph.name]).toEqual([
      branching.metadata,
      branching.operatorSets,
      'part',
    ]);
  });

  test('what a branch captures is an input, or a weight that comes along', () => {
    const whole = model({
      inputs: 'x flag',
      weights: 'w',
      nodes: ['a = Relu x', ifNode, 'z = Neg y'],
      outputs: 'z',
    });
    const part = extractNodes(whole, { nodes: [1], typeOf });
    expect(summary(part)).toEqual({ inputs: 'flag a', outputs: 'y', weights: 'w', ops: 'If' });
    expect(validateModel(part)).toEqual([]);
  });

  test('fields kept in wire form go where their tensors go', () => {
    const about = (number: number, ...path: readonly [number, string][]): ByteRange => {
      const field = new WireWriter();
      const content = new WireWriter();
      for (const [inner, tensor] of path) {
        if (number === 14) content.text(inner, tensor);
        else content.message(inner, named(8, tensor));
      }
      field.message(number, content);
      return field.ranges()[0] ?? expect.fail('nothing was written');
    };
    const [sparse, annotation, training, local] = [
      about(15, [1, 'w']),
      about(14, [1, 'b']),
      about(20),
      about(25),
    ];
    const whole = model({ nodes: ['a = Relu x', 'b = MatMul a w', 'c = Neg b'], outputs: 'c' });
    const rich = { ...whole, rest: [training, local], graph: { ...whole.graph, rest: [annotation, sparse] } };
    const rests = [[0], [1], [2]].map((nodes) => extractNodes(rich, { nodes, typeOf }));
    expect(rests.map((part) => part.graph.rest)).toEqual([[], [annotation, sparse], []]);
    expect(rests.map((part) => part.rest)).toEqual([[local], [local], [local]]);
    expect(rests.map((part) => names(part.graph.inputs))).toEqual(['x', 'a', 'b']);
  });

  test('nodes in reverse order come out sorted', () => {
    const whole = model({ nodes: ['b = Neg a', 'a = Relu x'], outputs: 'b' });
    expect(summary(extractNodes(whole, { nodes: [0, 1], typeOf }))).toMatchObject({ ops: 'Relu Neg' });
  });

  test('before IR version 4, initializers among the inputs are not inputs of the part', () => {
    const whole = model({ inputs: 'x w', weights: 'w', nodes: ['a = Conv x w', 'b = Relu a'], outputs: 'b' });
    const part = extractNodes({ ...whole, irVersion: 3 }, { nodes: [0], typeOf });
    expect([part.irVersion, names(part.graph.inputs), names(part.graph.initializers)]).toEqual([4, 'x', 'w']);
  });

  test.each([
    {
      what: 'an unknown index',
      whole: branching,
      nodes: [6],
      message: /node 6 is to be extracted from a graph of 6 nodes/,
    },
    { what: 'a negative index', whole: branching, nodes: [-1], message: /node -1/ },
    { what: 'nothing', whole: branching, nodes: [], message: /the set is empty/ },
    { what: 'constants alone', whole: branching, nodes: [1], message: /all nodes of the set are constant/ },
    {
      what: 'a hole',
      whole: branching,
      nodes: [0, 4],
      message: /not convex: node 4 \(Add\) reads 'b' from node 2 \(Conv\)/,
    },
    {
      what: 'a long way round',
      whole: branching,
      nodes: [2, 0, 3, 5],
      message: /not convex: node 5 \(Add\) reads 'd'/,
    },
    {
      what: 'nodes that nobody uses',
      whole: model({ nodes: ['a = Relu x', 'b = Neg x'], outputs: 'b' }),
      nodes: [0],
      message: /nothing that node 0 \(Relu\) yields is used/,
    },
    {
      what: 'a missing weight',
      whole: model({ nodes: ['a = Conv x w'], outputs: 'a' }),
      nodes: [0],
      message: /node 0 \(Conv\) names tensor 'w'/,
    },
    {
      what: 'a missing weight behind a constant',
      whole: model({ weights: 'v', nodes: ['k = Add v w', 'a = Conv x k'], outputs: 'a' }),
      nodes: [1],
      message: /names tensor 'w'/,
    },
    {
      what: 'two producers',
      whole: model({ nodes: ['a = Relu x', 'a = Neg x'], outputs: 'a' }),
      nodes: [0],
      message: /'a' is yielded twice: by node 0 \(Relu\) and by node 1 \(Neg\)/,
    },
    {
      what: 'a weight that is also yielded',
      whole: model({ weights: 'a', nodes: ['a = Relu x'], outputs: 'a' }),
      nodes: [0],
      message: /by an initializer and by node 0/,
    },
    {
      what: 'an input that is also yielded',
      whole: model({ nodes: ['x = Relu x'], outputs: 'x' }),
      nodes: [0],
      message: /by a graph input and by node 0/,
    },
    {
      what: 'a weight twice',
      whole: model({ weights: 'w w', nodes: ['a = Relu x'], outputs: 'a' }),
      nodes: [0],
      message: /'w' is yielded twice/,
    },
    {
      what: 'a circle',
      whole: model({ nodes: ['a = Add x b', 'b = Relu a'], outputs: 'b' }),
      nodes: [0],
      message: /circle/,
    },
  ])('refuses $what', ({ whole, nodes, message }) => {
    expect(() => extractNodes(whole, { nodes, typeOf })).toThrow(message);
  });

  test('refuses a boundary without a type, by name', () => {
    const unknown = (tensor: string): ValueType | null => (tensor === 'b' ? null : float);
    expect(() => extractNodes(branching, { nodes: [4, 5], typeOf: unknown })).toThrow(
      /type of tensor 'b', an input/,
    );
  });
});

describe('extractBetween', () => {
  test.each([
    {
      inputs: ['x'],
      outputs: ['d'],
      expected: { inputs: 'x', outputs: 'd', weights: 'w v', ops: 'Relu Identity Conv Conv Add' },
    },
    {
      inputs: ['b', 'a'],
      outputs: ['d'],
      expected: { inputs: 'b a', outputs: 'd', weights: 'v', ops: 'Conv Add' },
    },
    {
      inputs: ['a', 'k'],
      outputs: ['b'],
      expected: { inputs: 'a k', outputs: 'b', weights: '', ops: 'Conv' },
    },
    { inputs: [], outputs: ['k'], expected: { inputs: '', outputs: 'k', weights: 'w', ops: 'Identity' } },
    {
      inputs: ['x', 'w'],
      outputs: ['b'],
      expected: { inputs: 'x w', outputs: 'b', weights: '', ops: 'Relu Identity Conv' },
    },
  ])('$inputs to $outputs', ({ inputs, outputs, expected }) => {
    const part = extractBetween(branching, { inputs, outputs, typeOf });
    expect(summary(part)).toEqual(expected);
    expect(validateModel(part)).toEqual([]);
  });

  const twoOutputs = model({ nodes: ['a b = Split x', 'c = Add a b'], outputs: 'c' });
  test.each([
    {
      what: 'a path around the inputs',
      whole: branching,
      inputs: ['b'],
      outputs: ['d'],
      message: /need 'x' \(through node 0 \(Relu\)\)/,
    },
    {
      what: 'an input that is computed inside',
      whole: twoOutputs,
      inputs: ['x', 'a'],
      outputs: ['c'],
      message: /input 'a' is also computed inside, by node 0 \(Split\)/,
    },
    { what: 'an unknown tensor', whole: branching, inputs: ['x'], outputs: ['q'], message: /no tensor 'q'/ },
    {
      what: 'an output that is an input',
      whole: branching,
      inputs: ['a'],
      outputs: ['a'],
      message: /'a' is given twice/,
    },
    {
      what: 'an output that is an input of the model',
      whole: branching,
      inputs: [],
      outputs: ['x'],
      message: /'x' is not computed/,
    },
    { what: 'no output', whole: branching, inputs: ['x'], outputs: [], message: /no output/ },
    {
      what: 'a missing weight',
      whole: model({ nodes: ['a = Conv x w'], outputs: 'a' }),
      inputs: ['x'],
      outputs: ['a'],
      message: /node 0 \(Conv\) names tensor 'w'/,
    },
  ])('refuses $what', ({ whole, inputs, outputs, message }) => {
    expect(() => extractBetween(whole, { inputs, outputs, typeOf })).toThrow(message);
  });
});
