import {
  type AttributeInputs,
  createModelBuilder,
  type ElementType,
  float,
  graphOf,
  type KnownTensor,
  type ModelProto,
} from '@tandem/core';
import { knownTensors } from '@tandem/node';
import { describe, expect, it } from 'vitest';

/** An activation [type, shape], a constant [type, shape, values], or an absent input. */
type Operand = readonly [ElementType, readonly number[], (readonly number[])?] | null;

interface Case {
  readonly op: string;
  readonly opset?: number;
  readonly inputs: readonly Operand[];
  readonly attributes?: AttributeInputs;
  /** @default 1 */
  readonly outputs?: number;
}

const f = (...shape: number[]): Operand => ['float32', shape];
const ints = (...values: number[]): Operand => ['int64', [values.length], values];
const int = (value: number): Operand => ['int64', [], [value]];
const floats = (...values: number[]): Operand => ['float32', [values.length], values];
const none: Operand = null;
const ones = (count: number): number[] => Array.from({ length: count }, () => 1);

function modelOf({ op, opset = 17, inputs, attributes = {}, outputs = 1 }: Case): ModelProto {
  const builder = createModelBuilder({ name: op, opset });
  const names = inputs.map((operand, index) => {
    if (operand === null) return '';
    const [type, shape, values] = operand;
    return values
      ? builder.initializer(`c${index}`, type, shape, values)
      : builder.input(`x${index}`, type, shape);
  });
  const to = Array.from({ length: outputs }, (_, index) => `y${index}`);
  for (const name of builder.nodeWithOutputs(op, names, to, attributes, op))
    builder.output(name, 'float32', []);
  const model = builder.build();
  const untyped = model.graph.outputs.map((output) => ({ ...output, type: null }));
  return { ...model, graph: { ...model.graph, outputs: untyped } };
}

const window: readonly Case[] = [
  {
    op: 'Conv',
    inputs: [f(2, 3, 9, 8), f(4, 3, 3, 3), f(4)],
    attributes: { strides: [2, 1], pads: [1, 0, 2, 1] },
  },
  { op: 'Conv', inputs: [f(1, 4, 9), f(4, 2, 3)], attributes: { group: 2, dilations: [3] } },
  {
    op: 'Conv',
    inputs: [f(1, 3, 10, 11), f(2, 3, 3, 4)],
    attributes: { auto_pad: 'SAME_UPPER', strides: [3, 2] },
  },
  {
    op: 'Conv',
    inputs: [f(1, 3, 10, 11), f(2, 3, 3, 4)],
    attributes: { auto_pad: 'SAME_LOWER', strides: [2, 2] },
  },
  {
    op: 'Conv',
    inputs: [f(1, 3, 10, 11), f(2, 3, 3, 4)],
    attributes: { auto_pad: 'VALID', strides: [2, 2] },
  },
  { op: 'Conv', inputs: [f(1, 2, 5, 5, 5), f(2, 2, 2, 2, 2)], attributes: {} },
  {
    op: 'ConvTranspose',
    inputs: [f(1, 4, 5, 6), f(4, 3, 3, 3), f(3)],
    attributes: { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 0] },
  },
  {
    op: 'ConvTranspose',
    inputs: [f(1, 4, 5, 6), f(4, 1, 3, 3)],
    attributes: { group: 4, dilations: [2, 2], strides: [3, 1] },
  },
  {
    op: 'ConvTranspose',
    inputs: [f(1, 4, 5, 6), f(4, 3, 3, 3)],
    attributes: { auto_pad: 'SAME_UPPER', strides: [2, 3] },
  },
  {
    op: 'ConvTranspose',
    inputs: [f(1, 4, 5, 6), f(4, 3, 3, 3)],
    attributes: { output_shape: [11, 12], strides: [2, 2] },
  },
  {
    op: 'ConvInteger',
    inputs: [
      ['uint8', [1, 3, 6, 6]],
      ['uint8', [2, 3, 3, 3]],
    ],
    attributes: {},
  },
  {
    op: 'MaxPool',
    inputs: [f(1, 2, 7, 7)],
    attributes: { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 },
  },
  {
    op: 'MaxPool',
    inputs: [f(1, 2, 7, 7)],
    attributes: { kernel_shape: [3, 3], strides: [3, 3], pads: [1, 1, 1, 1], ceil_mode: 1 },
  },
  {
    op: 'MaxPool',
    inputs: [f(1, 2, 6, 6)],
    attributes: { kernel_shape: [1, 1], strides: [4, 4], pads: [0, 0, 0, 0], ceil_mode: 1 },
  },
  {
    op: 'MaxPool',
    inputs: [f(1, 2, 8, 9)],
    attributes: { kernel_shape: [3, 2], dilations: [2, 3] },
    outputs: 2,
  },
  {
    op: 'MaxPool',
    opset: 7,
    inputs: [f(1, 2, 8, 9)],
    attributes: { kernel_shape: [3, 2], auto_pad: 'SAME_LOWER', strides: [2, 2] },
  },
  {
    op: 'AveragePool',
    opset: 7,
    inputs: [f(1, 2, 8, 9)],
    attributes: { kernel_shape: [3, 2], pads: [1, 0, 1, 1] },
  },
  {
    op: 'AveragePool',
    opset: 19,
    inputs: [f(1, 2, 8, 9)],
    attributes: {
      kernel_shape: [3, 3],
      strides: [2, 2],
      ceil_mode: 1,
      count_include_pad: 1,
      dilations: [2, 2],
    },
  },
  {
    op: 'AveragePool',
    opset: 22,
    inputs: [f(1, 2, 5, 5)],
    attributes: { kernel_shape: [2, 2], strides: [3, 3], pads: [1, 1, 1, 1], ceil_mode: 1 },
  },
  { op: 'LpPool', opset: 18, inputs: [f(1, 2, 8, 9)], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
  { op: 'GlobalAveragePool', inputs: [f(1, 2, 8, 9)] },
  { op: 'GlobalMaxPool', inputs: [f(1, 2, 8)] },
];

const normal: readonly Case[] = [
  { op: 'BatchNormalization', opset: 7, inputs: [f(1, 3, 4, 4), f(3), f(3), f(3), f(3)] },
  { op: 'LayerNormalization', inputs: [f(2, 5, 8), f(8), f(8)], outputs: 3 },
  { op: 'LayerNormalization', inputs: [f(2, 5, 8), f(5, 8)], attributes: { axis: 1 }, outputs: 3 },
  { op: 'InstanceNormalization', inputs: [f(2, 3, 4, 4), f(3), f(3)] },
  { op: 'GroupNormalization', opset: 21, inputs: [f(2, 4, 4, 4), f(4), f(4)], attributes: { num_groups: 2 } },
  { op: 'LRN', inputs: [f(1, 5, 4, 4)], attributes: { size: 3 } },
  { op: 'LpNormalization', inputs: [f(1, 5)], attributes: { axis: 1 } },
  { op: 'Softmax', opset: 11, inputs: [f(2, 3, 4)], attributes: { axis: 1 } },
  { op: 'LogSoftmax', inputs: [f(2, 3)] },
  { op: 'Dropout', opset: 7, inputs: [f(2, 3)] },
  { op: 'Dropout', opset: 10, inputs: [f(2, 3)], outputs: 2 },
  { op: 'Dropout', opset: 13, inputs: [f(2, 3), ['float32', [], [0.5]]], outputs: 2 },
];

const unary =
  'Relu Sigmoid Tanh Elu Selu LeakyRelu HardSigmoid HardSwish Softplus Softsign Erf Exp Log Sqrt Abs Neg Ceil Floor Round Reciprocal Sin Cos Sign Celu ThresholdedRelu Mish Identity Gelu'.split(
    ' ',
  );
const binary = 'Add Sub Mul Div Pow PRelu Equal Greater Less GreaterOrEqual LessOrEqual'.split(' ');

const elementwise: readonly Case[] = [
  ...unary.map((op): Case => ({ op, opset: 20, inputs: [f(2, 3)] })),
  ...binary.map((op): Case => ({ op, inputs: [f(2, 3, 4), f(3, 1)] })),
  ...['Add', 'Mul', 'Div', 'Sub'].map((op): Case => ({ op, opset: 7, inputs: [f(3, 1), f(2, 1, 4)] })),
  ...['Sum', 'Max', 'Min', 'Mean'].map(
    (op): Case => ({ op, opset: 13, inputs: [f(3, 1), f(2, 1, 4), f(1)] }),
  ),
  ...['And', 'Or', 'Xor'].map(
    (op): Case => ({
      op,
      inputs: [
        ['bool', [2, 1]],
        ['bool', [3]],
      ],
    }),
  ),
  { op: 'Not', inputs: [['bool', [2, 1]]] },
  { op: 'Mod', inputs: [['int64', [2, 1]], ints(2, 3)] },
  { op: 'Clip', opset: 7, inputs: [f(2, 3)], attributes: { min: float(0), max: float(6) } },
  { op: 'Clip', opset: 13, inputs: [f(2, 3), none, ['float32', [], [6]]] },
  { op: 'Where', inputs: [['bool', [2, 1, 1]], f(3, 1), f(1, 4)] },
  { op: 'Cast', inputs: [f(2, 3)], attributes: { to: 10 } },
  { op: 'CastLike', inputs: [f(2, 3), ['int32', [1]]] },
  { op: 'IsNaN', inputs: [f(2, 3)] },
  { op: 'IsInf', inputs: [f(2, 3)] },
];

const matrix: readonly Case[] = [
  { op: 'MatMul', inputs: [f(2, 1, 3, 4), f(5, 4, 6)] },
  { op: 'MatMul', inputs: [f(4), f(5, 4, 6)] },
  { op: 'MatMul', inputs: [f(2, 3, 4), f(4)] },
  { op: 'MatMul', inputs: [f(4), f(4)] },
  {
    op: 'MatMulInteger',
    inputs: [
      ['uint8', [3, 4]],
      ['uint8', [4, 2]],
    ],
  },
  { op: 'Gemm', inputs: [f(4, 3), f(5, 4), f(5)], attributes: { transA: 1, transB: 1 } },
  { op: 'Gemm', opset: 7, inputs: [f(3, 4), f(4, 5), f(3, 1)] },
  { op: 'Einsum', inputs: [f(2, 3, 4), f(2, 4, 5)], attributes: { equation: 'bij,bjk->bik' } },
  { op: 'Einsum', inputs: [f(3, 4), f(4, 5)], attributes: { equation: 'ij, jk' } },
];

const reshaping: readonly Case[] = [
  { op: 'Reshape', inputs: [f(2, 3, 4), ints(0, -1)] },
  { op: 'Reshape', inputs: [f(2, 3, 4), ints(4, 6)] },
  { op: 'Reshape', inputs: [f(0, 3, 4), ints(3, 0)], attributes: { allowzero: 1 } },
  { op: 'Reshape', inputs: [f(1, 1), ['int64', [0], []]] },
  { op: 'Flatten', inputs: [f(2, 3, 4)], attributes: { axis: 2 } },
  { op: 'Flatten', inputs: [f(2, 3, 4)], attributes: { axis: 0 } },
  { op: 'Flatten', inputs: [f(2, 3, 4)], attributes: { axis: 3 } },
  { op: 'Flatten', inputs: [f(2, 3, 4)], attributes: { axis: -1 } },
  { op: 'Transpose', inputs: [f(2, 3, 4)] },
  { op: 'Transpose', inputs: [f(2, 3, 4)], attributes: { perm: [2, 0, 1] } },
  { op: 'Squeeze', opset: 7, inputs: [f(1, 3, 1)], attributes: { axes: [0] } },
  { op: 'Squeeze', inputs: [f(1, 3, 1), ints(-1)] },
  { op: 'Squeeze', inputs: [f(1, 3, 1)] },
  { op: 'Unsqueeze', opset: 7, inputs: [f(2, 3)], attributes: { axes: [0, 3] } },
  { op: 'Unsqueeze', inputs: [f(2, 3), ints(-1, 1)] },
  { op: 'DepthToSpace', inputs: [f(1, 8, 2, 3)], attributes: { blocksize: 2 } },
  { op: 'SpaceToDepth', inputs: [f(1, 2, 4, 6)], attributes: { blocksize: 2 } },
];

const selecting: readonly Case[] = [
  { op: 'Concat', inputs: [f(2, 3), f(2, 4)], attributes: { axis: -1 } },
  { op: 'Split', opset: 7, inputs: [f(2, 6)], attributes: { axis: 1, split: [2, 4] }, outputs: 2 },
  { op: 'Split', opset: 11, inputs: [f(2, 6)], attributes: { axis: 1 }, outputs: 3 },
  { op: 'Split', opset: 13, inputs: [f(6, 2), ints(1, 5)], outputs: 2 },
  { op: 'Split', opset: 18, inputs: [f(7, 2)], attributes: { num_outputs: 3 }, outputs: 3 },
  { op: 'Slice', opset: 7, inputs: [f(5, 6)], attributes: { starts: [1], ends: [-1], axes: [1] } },
  { op: 'Slice', opset: 7, inputs: [f(5, 6)], attributes: { starts: [1, 2], ends: [100, 3] } },
  { op: 'Slice', inputs: [f(5, 6), ints(-1), ints(-100), ints(0), ints(-2)] },
  { op: 'Slice', inputs: [f(5, 6), ints(4, 0), ints(0, Number.MAX_SAFE_INTEGER), ints(0, 1), ints(-1, 4)] },
  { op: 'Slice', inputs: [f(5, 6), ints(3), ints(2), ints(1)] },
  { op: 'Slice', inputs: [f(5, 6), ints(9), ints(-7), ints(1), ints(-1)] },
  { op: 'Gather', inputs: [f(5, 6), int(-1)] },
  { op: 'Gather', inputs: [f(5, 6), ['int64', [2, 3], [0, 1, 2, 3, 4, 5]]], attributes: { axis: 1 } },
  { op: 'GatherElements', inputs: [f(3, 3), ['int64', [2, 3]]] },
  { op: 'GatherND', inputs: [f(2, 3, 4), ['int64', [5, 2]]] },
  { op: 'GatherND', inputs: [f(2, 3, 4), ['int64', [2, 1]]], attributes: { batch_dims: 1 } },
  { op: 'ScatterND', inputs: [f(4, 3), ['int64', [1, 1], [2]], f(1, 3)] },
  { op: 'OneHot', inputs: [['int64', [2, 3]], ints(5), floats(0, 1)] },
  { op: 'OneHot', inputs: [['int64', [2, 3]], ints(5), floats(0, 1)], attributes: { axis: 0 } },
  { op: 'Trilu', inputs: [f(3, 3)] },
];

const resizing: readonly Case[] = [
  { op: 'Expand', inputs: [f(3, 1), ints(2, 1, 4)] },
  { op: 'Tile', inputs: [f(2, 3), ints(2, 3)] },
  { op: 'Pad', opset: 7, inputs: [f(2, 3)], attributes: { pads: [1, 0, 2, 1] } },
  { op: 'Pad', opset: 13, inputs: [f(4, 3), ints(1, 0, -2, 1)] },
  { op: 'Pad', opset: 18, inputs: [f(4, 3, 2), ints(1, 2), none, ints(-2)] },
  { op: 'Upsample', opset: 9, inputs: [f(1, 1, 3, 5), floats(1, 1, 2, 1.5)] },
  { op: 'Upsample', opset: 7, inputs: [f(1, 1, 3, 5)], attributes: { scales: float([1, 1, 2, 2]) } },
  { op: 'Resize', opset: 10, inputs: [f(1, 1, 3, 5), floats(1, 1, 1.7, 0.6)] },
  {
    op: 'Resize',
    opset: 11,
    inputs: [f(1, 1, 3, 5), ['float32', [0], []], floats(1, 1, 1.7, 0.6)],
    attributes: { mode: 'linear' },
  },
  { op: 'Resize', opset: 13, inputs: [f(1, 1, 3, 5), none, none, ints(1, 1, 7, 4)] },
  {
    op: 'Resize',
    opset: 18,
    inputs: [f(1, 1, 4, 8), none, none, ints(6, 6)],
    attributes: { axes: [2, 3], keep_aspect_ratio_policy: 'not_larger' },
  },
  {
    op: 'Resize',
    opset: 18,
    inputs: [f(1, 1, 4, 8), none, none, ints(6, 6)],
    attributes: { axes: [2, 3], keep_aspect_ratio_policy: 'not_smaller' },
  },
  { op: 'Resize', opset: 18, inputs: [f(1, 1, 4, 8), none, floats(0.5)], attributes: { axes: [3] } },
];

const reduction: readonly Case[] = [
  ...['ReduceMean', 'ReduceMax', 'ReduceProd', 'ReduceL2', 'ReduceSumSquare', 'ReduceLogSumExp'].map(
    (op): Case => ({ op, opset: 13, inputs: [f(2, 3, 4)], attributes: { axes: [-1, 0], keepdims: 0 } }),
  ),
  { op: 'ReduceMean', opset: 7, inputs: [f(2, 3, 4)], attributes: { axes: [1] } },
  { op: 'ReduceMean', opset: 18, inputs: [f(2, 3, 4), ints(1)] },
  { op: 'ReduceSum', inputs: [f(2, 3, 4)] },
  { op: 'ReduceSum', inputs: [f(2, 3, 4)], attributes: { noop_with_empty_axes: 1 } },
  { op: 'ReduceSum', inputs: [f(2, 3, 4), ints(0, 2)], attributes: { keepdims: 0 } },
  { op: 'ArgMax', inputs: [f(2, 3, 4)], attributes: { axis: 1, keepdims: 0 } },
  { op: 'ArgMin', inputs: [f(2, 3, 4)] },
  { op: 'TopK', opset: 7, inputs: [f(2, 5)], attributes: { k: 3 }, outputs: 2 },
  { op: 'TopK', inputs: [f(2, 5), ints(3)], attributes: { axis: 1 }, outputs: 2 },
  { op: 'CumSum', inputs: [f(2, 5), int(1)] },
];

const others: readonly Case[] = [
  { op: 'Shape', inputs: [f(2, 3, 4)] },
  { op: 'Shape', opset: 15, inputs: [f(2, 3, 4)], attributes: { start: -2, end: 5 } },
  { op: 'Size', inputs: [f(2, 3, 4)] },
  { op: 'EyeLike', inputs: [f(2, 3)], attributes: { dtype: 7 } },
  { op: 'QuantizeLinear', opset: 13, inputs: [f(2, 3), ['float32', [], [0.5]], ['int8', [], [0]]] },
  { op: 'QuantizeLinear', opset: 13, inputs: [f(2, 3), ['float32', [], [0.5]]] },
  {
    op: 'DequantizeLinear',
    opset: 13,
    inputs: [
      ['uint8', [2, 3]],
      ['float32', [], [0.5]],
    ],
  },
  { op: 'DynamicQuantizeLinear', opset: 13, inputs: [f(2, 3)], outputs: 3 },
  {
    op: 'QLinearConv',
    opset: 13,
    inputs: [
      ['uint8', [1, 2, 5, 5]],
      ['float32', [], [0.5]],
      ['uint8', [], [0]],
      ['int8', [3, 2, 3, 3], ones(54)],
      ['float32', [], [0.5]],
      ['int8', [], [0]],
      ['float32', [], [0.5]],
      ['uint8', [], [0]],
    ],
    attributes: { pads: [1, 1, 1, 1] },
  },
  {
    op: 'QLinearMatMul',
    opset: 13,
    inputs: [
      ['uint8', [2, 3]],
      ['float32', [], [0.5]],
      ['uint8', [], [0]],
      ['uint8', [3, 4], ones(12)],
      ['float32', [], [0.5]],
      ['uint8', [], [0]],
      ['float32', [], [0.5]],
      ['uint8', [], [0]],
    ],
  },
  {
    op: 'LSTM',
    inputs: [f(4, 2, 3), f(2, 20, 3), f(2, 20, 5)],
    attributes: { hidden_size: 5, direction: 'bidirectional' },
    outputs: 3,
  },
  { op: 'GRU', inputs: [f(4, 2, 3), f(1, 15, 3), f(1, 15, 5)], attributes: { hidden_size: 5 }, outputs: 2 },
];

const families = { window, normal, elementwise, matrix, reshaping, selecting, resizing, reduction, others };

describe.each(Object.entries(families))('%s', (_family, cases) => {
  it.each(cases.map((one, index) => ({ label: `${one.op} ${one.opset ?? 17} #${index}`, one })))(
    '$label',
    async ({ one }) => {
      const { inferred, executed } = await rowsOf(modelOf(one));
      expect(inferred).toEqual(executed);
    },
  );
});

/** Rows of every tensor that a node yields, as inferred and as the runtime found them. */
async function rowsOf(
  model: ModelProto,
): Promise<{ inferred: KnownTensor[]; executed: (KnownTensor | undefined)[] }> {
  const found = await knownTensors(model);
  const inferred = graphOf(model)
    .tensors.filter(({ producer }) => producer !== 'input')
    .map(({ name, type, shape }) => ({ name, type, shape }));
  return { inferred, executed: inferred.map(({ name }) => found.find((tensor) => tensor.name === name)) };
}

describe('folded arithmetic', () => {
  it('computes the sizes of a Resize as exporters write them', async () => {
    const builder = createModelBuilder({ name: 'resize', opset: 13 });
    const image = builder.input('image', 'float32', ['N', 2, 5, 7]);
    const shape = builder.node('Shape', [image]);
    const part = (from: number, to: number): string =>
      builder.node('Slice', [
        shape,
        builder.constant(`f${from}`, 'int64', [1], [from]),
        builder.constant(`t${to}`, 'int64', [1], [to]),
      ]);
    const real = builder.node('Cast', [part(2, 4)], { to: 1 });
    const larger = builder.node('Floor', [
      builder.node('Mul', [real, builder.constant('by', 'float32', [1], [1.5])]),
    ]);
    const target = builder.node('Concat', [part(0, 2), builder.node('Cast', [larger], { to: 7 })], {
      axis: 0,
    });
    const resized = builder.node('Resize', [image, '', '', target], {}, 'resized');
    const elements = builder.node('ReduceProd', [target]);
    const many = builder.node('Greater', [elements, builder.constant('one', 'int64', [1], [1])]);
    const flat = builder.node('Where', [many, builder.constant('rest', 'int64', [1], [-1]), elements]);
    const axis = builder.constant('axis', 'int64', [1], [0]);
    const same = builder.node('Squeeze', [builder.node('Unsqueeze', [flat, axis]), axis]);
    builder.output(builder.node('Reshape', [resized, same], {}, 'flat'), 'float32', [null]);
    const { inferred, executed } = await rowsOf(builder.build());
    expect(inferred).toEqual(executed);
  });
});

describe('control flow', () => {
  const body = (
    name: string,
    make: (builder: ReturnType<typeof createModelBuilder>) => void,
  ): ModelProto['graph'] => {
    const builder = createModelBuilder({ name });
    make(builder);
    return builder.build().graph;
  };

  it('If: captures activations; both branches agree', async () => {
    const builder = createModelBuilder({ name: 'if' });
    const image = builder.input('x', 'float32', ['N', 3]);
    const condition = builder.input('condition', 'bool', []);
    builder.output(builder.node('If', [condition], {}, 'y'), 'float32', ['N', 3]);
    const model = builder.build();
    const branch = (name: string, op: string): ModelProto['graph'] => ({
      ...body(name, (inner) =>
        inner.output(
          inner.node(op, [inner.input(image, 'float32', ['N', 3])], {}, `${name}/out`),
          'float32',
          ['N', 3],
        ),
      ),
      inputs: [],
    });
    const attributes = [
      { name: 'then_branch', kind: 'graph', value: branch('then', 'Relu') },
      { name: 'else_branch', kind: 'graph', value: branch('else', 'Sigmoid') },
    ] as const;
    const nodes = model.graph.nodes.map((node) => ({ ...node, attributes }));
    const complete = { ...model, graph: { ...model.graph, nodes } };
    const { inferred, executed } = await rowsOf(complete);
    expect(inferred).toEqual(executed);
    const graph = graphOf(complete, { batch: 2 });
    expect(graph.nodes[0]).toMatchObject({ op: 'If', inputs: [1, 0], flops: 6 });
  });

  it('Loop: carried tensors keep their shape, scanned ones gain the trip count', async () => {
    const builder = createModelBuilder({ name: 'loop' });
    const start = builder.input('x', 'float32', [2, 3]);
    const trips = builder.constant('trips', 'int64', [], [4]);
    const outputs = builder.nodeWithOutputs('Loop', [trips, '', start], ['last', 'all'], {}, 'loop');
    for (const output of outputs)
      builder.output(output, 'float32', [null, null, null].slice(output.endsWith('all') ? 0 : 1));
    const model = builder.build();
    const inner = body('body', (each) => {
      each.input('iteration', 'int64', []);
      const goOn = each.input('go on', 'bool', []);
      const carried = each.input('carried', 'float32', [2, 3]);
      const next = each.node('Relu', [carried], {}, 'next');
      each.output(each.node('Identity', [goOn], {}, 'still'), 'bool', []);
      each.output(next, 'float32', [2, 3]);
      each.output(
        each.node('ReduceSum', [next, each.constant('axes', 'int64', [1], [0])], { keepdims: 0 }, 'sum'),
        'float32',
        [3],
      );
    });
    const attributes = [{ name: 'body', kind: 'graph', value: inner }] as const;
    const nodes = model.graph.nodes.map((node) => (node.opType === 'Loop' ? { ...node, attributes } : node));
    const { inferred, executed } = await rowsOf({ ...model, graph: { ...model.graph, nodes } });
    expect(inferred).toEqual(executed);
  });
});

describe('knownTensors', () => {
  it('fills the gap that a data-dependent shape leaves', async () => {
    const builder = createModelBuilder({ name: 'data' });
    const x = builder.input('x', 'float32', [3]);
    const positions = builder.node(
      'NonZero',
      [
        builder.node('Cast', [builder.node('Add', [x, builder.constant('one', 'float32', [1], [1])])], {
          to: 9,
        }),
      ],
      {},
      'positions',
    );
    builder.output(positions, 'int64', [null, null]);
    const model = builder.build();
    expect(() => graphOf(model)).toThrow('there is no shape rule');
    const graph = graphOf(model, { known: await knownTensors(model) });
    expect(graph.tensors.find(({ name }) => name === 'positions')?.shape).toEqual([1, 3]);
  });

  it('refuses inputs that the model has not', async () => {
    const builder = createModelBuilder({ name: 'named' });
    builder.output(builder.node('Relu', [builder.input('x', 'float32', [1])]), 'float32', [1]);
    const input = { name: 'z', type: 'float32', shape: [1], data: new Uint8Array(4) } as const;
    await expect(knownTensors(builder.build(), { inputs: [input] })).rejects.toThrow(
      "the model has no input 'z'",
    );
  });
});
