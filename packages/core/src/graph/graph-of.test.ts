import { describe, expect, it } from 'vitest';
import { InvalidInputError, UnsupportedError } from '../errors.ts';
import { createModelBuilder, type ModelBuilder } from '../onnx/build.ts';
import { zeroRange } from '../onnx/byte-source.ts';
import type { GraphProto, ModelProto, NodeProto } from '../onnx/model.ts';
import { tensorProto } from '../onnx/tensor-proto.ts';
import { zooModel, zooNames } from '../zoo/zoo.ts';
import type { Graph, Node } from './graph.ts';
import { graphOf } from './graph-of.ts';
import { fillTheGap } from './operators/operator-call.ts';
import { singleTensorCuts } from './single-tensor-cuts.ts';
import { validateGraph } from './validate-graph.ts';

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const flopsOf = (graph: Graph): number => total(graph.nodes.map(({ flops }) => flops));
const learned = (graph: Graph): number =>
  total(graph.parameters.filter((parameter) => parameter.learned).map(({ elements }) => elements));
const nodeNamed = (graph: Graph, name: string): Node | undefined =>
  graph.nodes.find((node) => node.name === name);
const tensorNamed = (graph: Graph, name: string): Graph['tensors'][number] | undefined =>
  graph.tensors.find((tensor) => tensor.name === name);

function weight(builder: ModelBuilder, name: string, dims: readonly number[]): string {
  return builder.initializer(
    name,
    'float32',
    dims,
    zeroRange(4 * dims.reduce((product, size) => product * size, 1)),
  );
}

describe('AlexNet at 10 classes (table I of Mu et al.)', () => {
  const graph = graphOf(zooModel('alexnet', { classes: 10 }));
  const elementsAfter = (op: string): number[] =>
    graph.nodes
      .filter((node) => node.op === op)
      .map(({ outputs }) => (graph.tensors[outputs[0] ?? -1]?.bytes ?? 0) / 4);
  const flopsAt = (op: string): number[] =>
    graph.nodes.filter((node) => node.op === op).map(({ flops }) => flops);

  it('counts the operations of every layer', () => {
    expect(flopsAt('Conv')).toEqual([140_940_800, 448_177_536, 224_410_368, 299_127_296, 199_447_040]);
    expect(flopsAt('MaxPool')).toEqual([419_904, 292_032, 82_944]);
    expect(flopsAt('Gemm')).toEqual([75_493_376, 33_550_336, 81_910]);
    expect(flopsAt('Relu')[0]).toBe(193_600);
    expect(flopsOf(graph)).toBe(1_422_516_726);
  });

  it('counts parameters and output elements', () => {
    expect(learned(graph)).toBe(57_044_810);
    expect(total(graph.parameters.filter((parameter) => parameter.learned).map(({ bytes }) => bytes))).toBe(
      228_179_240,
    );
    expect(elementsAfter('Conv')).toEqual([193_600, 139_968, 64_896, 43_264, 43_264]);
    expect(elementsAfter('MaxPool')).toEqual([46_656, 32_448, 9_216]);
    expect(elementsAfter('Gemm')).toEqual([4_096, 4_096, 10]);
    expect((graph.tensors[0]?.bytes ?? 0) / 4).toBe(150_528);
  });
});

describe('zoo networks', () => {
  it.each(zooNames)('%s is valid', (name) => {
    expect(validateGraph(graphOf(zooModel(name)))).toEqual([]);
  });

  it.each([
    { name: 'googlenet', cuts: 21, parameters: 6_624_904 },
    { name: 'resnet-101', cuts: 71, parameters: 44_549_160 },
    { name: 'vgg16', cuts: 36, parameters: 138_357_544 },
    { name: 'mobilenet-v2', cuts: 49, parameters: 3_504_872 },
  ] as const)('$name has $cuts cuts of one tensor', ({ name, cuts, parameters }) => {
    const graph = graphOf(zooModel(name));
    expect(singleTensorCuts(graph)).toHaveLength(cuts);
    expect(learned(graph)).toBe(parameters);
  });

  it('scale activations with the batch, not parameters', () => {
    const one = graphOf(zooModel('resnet-50'));
    const four = graphOf(zooModel('resnet-50'), { batch: 4 });
    expect(four.tensors.map(({ bytes }) => bytes / 4)).toEqual(one.tensors.map(({ bytes }) => bytes));
    expect(flopsOf(four)).toBe(4 * flopsOf(one));
    expect(four.parameters).toEqual(one.parameters);
  });
});

/** Encoder layers as PyTorch writes them: layer norm in parts, weights through Identity, scalars and shapes as Constant nodes. */
function transformer(layers: number): ModelProto {
  const builder = createModelBuilder({ name: 'transformer', opset: 16 });
  const scalar = (value: number): string =>
    builder.node('Constant', [], { value: tensorProto('', 'float32', [], [value]) });
  const shape = (values: readonly number[]): string =>
    builder.node('Constant', [], { value: tensorProto('', 'int64', [values.length], values) });
  const scale = weight(builder, 'scale', [8]);
  const normalise = (from: string): string => {
    const centred = builder.node('Sub', [from, builder.node('ReduceMean', [from], { axes: [-1] })]);
    const variance = builder.node('ReduceMean', [builder.node('Pow', [centred, scalar(2)])], { axes: [-1] });
    const deviation = builder.node('Sqrt', [builder.node('Add', [variance, scalar(1e-6)])]);
    const scaled = builder.node('Mul', [
      builder.node('Div', [centred, deviation]),
      builder.node('Identity', [scale]),
    ]);
    return builder.node('Add', [scaled, builder.node('Identity', [scale])]);
  };
  const square = weight(builder, 'square', [8, 8]);
  const times = (from: string): string =>
    builder.node('MatMul', [from, builder.node('Transpose', [square], { perm: [1, 0] })]);
  const image = builder.input('image', 'float32', [1, 3, 8, 8]);
  const patches = builder.node('Conv', [image, weight(builder, 'patch', [8, 3, 4, 4])], { strides: [4, 4] });
  const rows = builder.node('Transpose', [builder.node('Reshape', [patches, shape([1, 8, 4])])], {
    perm: [0, 2, 1],
  });
  const token = builder.node('Expand', [
    weight(builder, 'class', [1, 1, 8]),
    builder.node('Identity', [shape([1, 1, 8])]),
  ]);
  const joined = builder.node('Concat', [token, rows], { axis: 1 });
  let tokens = builder.node('Add', [joined, weight(builder, 'position', [1, 5, 8])]);
  for (let layer = 0; layer < layers; layer++) {
    const normal = normalise(tokens);
    const scores = builder.node('MatMul', [
      times(normal),
      builder.node('Transpose', [times(normal)], { perm: [0, 2, 1] }),
    ]);
    const mixed = builder.node('MatMul', [builder.node('Softmax', [scores]), times(normal)]);
    tokens = builder.node('Add', [times(mixed), tokens]);
    tokens = builder.node('Add', [times(builder.node('Relu', [times(normalise(tokens))])), tokens]);
  }
  const picked = builder.node(
    'Gather',
    [normalise(tokens), builder.node('Constant', [], { value: tensorProto('', 'int64', [], [0]) })],
    { axis: 1 },
  );
  builder.output(builder.node('Gemm', [picked, square]), 'float32', [1, 8]);
  return builder.build();
}

describe('constant-derived nodes', () => {
  it('are not activations: a ViT of 12 layers as PyTorch exports it has 34 cuts', () => {
    const graph = graphOf(transformer(12));
    expect(singleTensorCuts(graph)).toHaveLength(34);
    expect(graph.nodes.some(({ op }) => ['Constant', 'Identity', 'Expand'].includes(op))).toBe(false);
    expect(validateGraph(graph)).toEqual([]);
  });

  it('count as parameters of the nodes that read them, shared ones once a stage', () => {
    const graph = graphOf(transformer(1));
    const names = (node: Node | undefined): (string | undefined)[] | undefined =>
      node?.parameters.map((id) => graph.parameters[id]?.name);
    expect(names(graph.nodes.find(({ op }) => op === 'Mul'))).toEqual(['scale']);
    expect(names(graph.nodes.find(({ op }) => op === 'MatMul'))).toEqual(['square']);
    expect(names(graph.nodes.find(({ op }) => op === 'Concat'))).toEqual([
      'class',
      expect.stringMatching(/^Constant/),
    ]);
    expect(
      graph.parameters
        .filter(({ learned: isLearned }) => isLearned)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['class', 'patch', 'position', 'scale', 'square']);
  });
});

describe('folding', () => {
  function branched(): ModelProto {
    const builder = createModelBuilder({ name: 'folding', opset: 17 });
    const image = builder.input('image', 'float32', ['N', 3, 8, 8]);
    const normal = (from: string, name: string): string =>
      builder.node(
        'BatchNormalization',
        [
          from,
          ...['scale', 'shift', 'mean', 'variance'].map((part) => weight(builder, `${name}/${part}`, [4])),
        ],
        {},
        name,
      );
    const first = builder.node('Identity', [image], {}, 'first');
    const conv = builder.node('Conv', [first, weight(builder, 'w1', [4, 3, 3, 3])], {}, 'conv');
    const folded = builder.node('Dropout', [normal(conv, 'folded')], {}, 'dropout');
    const shared = builder.node('Conv', [folded, weight(builder, 'w2', [4, 4, 1, 1])], {}, 'shared');
    builder.output(builder.node('Add', [normal(shared, 'alone'), shared], {}, 'sum'), 'float32', [
      'N',
      4,
      6,
      6,
    ]);
    return builder.build();
  }

  it('follows sole consumers, and stops at graph inputs', () => {
    const graph = graphOf(branched());
    const id = (name: string): number | undefined => nodeNamed(graph, name)?.id;
    expect(graph.nodes.map(({ name, foldedInto }) => [name, foldedInto])).toEqual([
      ['first', null],
      ['conv', null],
      ['folded', id('conv')],
      ['dropout', id('conv')],
      ['shared', null],
      ['alone', null],
      ['sum', null],
    ]);
    expect([nodeNamed(graph, 'folded')?.flops, nodeNamed(graph, 'alone')?.flops]).toEqual([0, 2 * 4 * 36]);
    expect(validateGraph(graph)).toEqual([]);
  });

  it('gives no cut before any work and none inside a folded group', () => {
    const graph = graphOf(branched());
    expect(singleTensorCuts(graph).map(({ boundary }) => graph.tensors[boundary[0] ?? -1]?.name)).toEqual([
      'dropout',
      'shared',
    ]);
  });

  it('batch-norm statistics are parameters, but not learned', () => {
    const graph = graphOf(branched());
    const flags = graph.parameters.map(({ name, learned: isLearned }) => [name, isLearned]);
    expect(Object.fromEntries(flags)).toMatchObject({
      'alone/scale': true,
      'alone/shift': true,
      'alone/mean': false,
      'alone/variance': false,
    });
  });

  it('table I counts dropout', () => {
    const count = (flopRules: 'default' | 'tableI'): number | undefined =>
      nodeNamed(graphOf(branched(), { flopRules }), 'dropout')?.flops;
    expect([count('default'), count('tableI')]).toEqual([0, 4 * 36]);
  });
});

describe('shape computations', () => {
  it('fold, with the batch bound', () => {
    const builder = createModelBuilder({ name: 'chain', opset: 17 });
    const image = builder.input('image', 'float32', ['N', 4, 'H', 6]);
    const at = (index: number): string => builder.constant(`index${index}`, 'int64', [1], [index]);
    const sizes = builder.node('Shape', [image]);
    const batch = builder.node('Gather', [sizes, at(0)]);
    const doubled = builder.node('Mul', [
      builder.node('Gather', [sizes, at(2)]),
      builder.constant('two', 'int64', [1], [2]),
    ]);
    const target = builder.node('Concat', [batch, doubled, builder.constant('rest', 'int64', [1], [-1])], {
      axis: 0,
    });
    builder.output(builder.node('Reshape', [image, target], {}, 'reshaped'), 'float32', [null, null, null]);
    const graph = graphOf(builder.build(), { batch: 3, dimensions: { H: 5 } });
    expect(tensorNamed(graph, 'reshaped')?.shape).toEqual([3, 10, 12]);
    expect(tensorNamed(graph, 'image')).toMatchObject({ shape: [3, 4, 5, 6], bytes: 4 * 360 });
  });

  it('leave out nodes and outputs that nothing needs', () => {
    const builder = createModelBuilder({ name: 'dead', opset: 17 });
    const image = builder.input('image', 'float32', [1, 4]);
    const [kept = '', mask = ''] = builder.nodeWithOutputs(
      'Dropout',
      [builder.node('Relu', [image])],
      ['kept', 'mask'],
    );
    builder.node('Twist', [mask]);
    builder.output(kept, 'float32', [1, 4]);
    const graph = graphOf(builder.build());
    expect(graph.nodes.map(({ op, outputs }) => [op, outputs.length])).toEqual([
      ['Relu', 1],
      ['Dropout', 1],
    ]);
  });
});

/** One node between an input of four floats and the output 'y'. */
function single(node: Partial<NodeProto>, rest: Partial<GraphProto> = {}): ModelProto {
  const builder = createModelBuilder({ name: 'single', opset: 17 });
  builder.output(builder.node('Relu', [builder.input('x', 'float32', ['N', 4])], {}, 'y'), 'float32', [
    'N',
    4,
  ]);
  const model = builder.build();
  const nodes = model.graph.nodes.map((one) => ({ ...one, ...node }));
  const outputs = model.graph.outputs.map((output) => ({ ...output, type: null }));
  return { ...model, graph: { ...model.graph, outputs, nodes, ...rest } };
}

describe('what is not known', () => {
  const unknown = single({ opType: 'Twist', domain: 'org.example', name: 'twist' });

  it('an operator without a rule is named, with the way out', () => {
    expect(() => graphOf(unknown)).toThrow(UnsupportedError);
    expect(() => graphOf(unknown)).toThrow("'twist' (operator Twist, domain 'org.example')");
    expect(() => graphOf(unknown)).toThrow(expect.objectContaining({ remedy: fillTheGap }));
  });

  it('known tensors fill the gap and win over inference', () => {
    const known = [{ name: 'y', type: 'int64', shape: [2, 2] }] as const;
    expect(tensorNamed(graphOf(unknown, { known }), 'y')).toMatchObject({
      type: 'int64',
      shape: [2, 2],
      bytes: 32,
    });
    expect(tensorNamed(graphOf(single({}), { known }), 'y')).toMatchObject({ type: 'int64', shape: [2, 2] });
  });

  it('a shape that the model declares fills the gap', () => {
    const outputs = single({}).graph.outputs.map((output) => ({
      ...output,
      type: { kind: 'tensor', elementType: 'float32', shape: ['N', 7] } as const,
    }));
    expect(tensorNamed(graphOf(single({ opType: 'Twist' }, { outputs }), { batch: 2 }), 'y')?.shape).toEqual([
      2, 7,
    ]);
  });

  it('a shape that depends on data is refused', () => {
    const builder = createModelBuilder({ name: 'data', opset: 17 });
    const [x, to] = [builder.input('x', 'float32', [4]), builder.input('to', 'int64', [2])];
    builder.output(builder.node('Reshape', [x, to], {}, 'y'), 'float32', [null, null]);
    expect(() => graphOf(builder.build())).toThrow("depends on the values of input 1 ('to')");
  });
});

describe('wrong models and options', () => {
  const model = single({});

  it.each([
    { options: { batch: 0 }, message: 'batch is 0' },
    { options: { batch: 1.5 }, message: 'batch is 1.5' },
    { options: { dimensions: { M: 2 } }, message: "no input has a dimension named 'M'" },
    { options: { known: [{ name: 'y', type: 'float32', shape: [-1] }] }, message: 'cannot exist' },
  ] as const)('$options', ({ options, message }) => {
    expect(() => graphOf(model, options)).toThrow(InvalidInputError);
    expect(() => graphOf(model, options)).toThrow(message);
  });

  it('a batch that the model fixes otherwise', () => {
    const builder = createModelBuilder({ name: 'fixed' });
    builder.output(builder.node('Relu', [builder.input('x', 'float32', [1, 4])]), 'float32', [1, 4]);
    expect(() => graphOf(builder.build(), { batch: 2 })).toThrow(
      'fixes the first dimension of its inputs to 1',
    );
    expect(graphOf(builder.build(), { batch: 1 }).tensors[0]?.shape).toEqual([1, 4]);
  });

  it.each([
    { op: 'Concat', attributes: { axis: 3 }, message: 'has axis 3 for a tensor of rank 2' },
    { op: 'Transpose', attributes: { perm: [0, 0] }, message: 'permutes axes [0, 0]' },
    { op: 'Squeeze', attributes: { axes: [1] }, message: 'cannot give [1, 4] the shape [1]' },
    { op: 'MaxPool', attributes: { kernel_shape: [2] }, message: 'slides a window of 1 axes over 0' },
    { op: 'Cast', attributes: { to: 99 }, message: 'names element type 99' },
    { op: 'If', attributes: {}, message: "lacks its attribute 'then_branch'" },
    { op: 'MatMul', attributes: {}, message: 'lacks its input 1' },
  ])('$op $attributes', ({ op, attributes, message }) => {
    const builder = createModelBuilder({ name: 'wrong', opset: 12 });
    builder.output(builder.node(op, [builder.input('x', 'float32', [1, 4])], attributes), 'float32', [1, 4]);
    expect(() => graphOf(builder.build())).toThrow(message);
  });

  it('an input that nothing yields', () => {
    expect(() => graphOf(single({ inputs: ['nowhere'] }))).toThrow("reads 'nowhere', which no input");
  });

  it('an output that is constant', () => {
    const builder = createModelBuilder({ name: 'constant' });
    builder.input('x', 'float32', [1]);
    builder.output(builder.constant('y', 'float32', [1], [1]), 'float32', [1]);
    expect(() => graphOf(builder.build())).toThrow("output 'y' is the same whatever the inputs are");
  });
});
