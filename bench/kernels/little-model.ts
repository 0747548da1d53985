import {
  createModelBuilder,
  float,
  type ModelBuilder,
  type ModelProto,
  type TensorProto,
} from '@tandem/core';

export type Shape = readonly number[];

/** One operator; its inputs are earlier tensors by number, the previous one unless `from` says otherwise. */
export type Step = { readonly from?: readonly number[] } & (
  | {
      readonly op: 'Conv';
      readonly out: number;
      readonly kernel: readonly [number, number];
      readonly stride: number;
      readonly groups: number;
    }
  /** By weights, with a bias. */
  | { readonly op: 'Gemm' | 'Dense'; readonly out: number }
  | { readonly op: 'MaxPool' | 'AveragePool'; readonly kernel: number; readonly stride: number }
  | { readonly op: 'Permute'; readonly order: readonly number[] }
  | { readonly op: PlainOperator }
);

export type PlainOperator =
  | 'Add'
  | 'Clip'
  | 'Concat'
  | 'Gelu'
  | 'GlobalAveragePool'
  | 'HardSwish'
  | 'LayerNormalization'
  | 'MatMul'
  | 'Mul'
  | 'Relu'
  | 'Sigmoid'
  | 'Softmax';

/** Inputs are the tensors 0, 1 …; each step yields the next. The last is the output. */
export interface LittleModel {
  readonly inputs: readonly Shape[];
  readonly steps: readonly Step[];
}

/** Where the weights of all little models lie: their values do not matter to time. */
export const weightsFile = 'random-weights.bin';
/** Of that file; no layer of the networks has larger weights. */
export const weightsBytes: number = 7 * 2 ** 26;

/** What tells two models apart, in one line. */
export function titleOf({ inputs, steps }: LittleModel): string {
  const from = inputs.map((shape) => shape.join('x')).join('+');
  return `${from} ${steps.map(stepTitle).join(' ')}`;
}

function stepTitle(step: Step): string {
  const { op, from, ...rest } = step;
  const values = Object.values(rest).flat().join(',');
  return `${op}${values === '' ? '' : `(${values})`}${from === undefined ? '' : `<${from.join(',')}`}`;
}

interface Made {
  readonly name: string;
  readonly shape: Shape;
}

/** The ONNX model, its weights references into `weightsFile`. */
export function modelOf(little: LittleModel): ModelProto {
  const onnx = createModelBuilder({ name: 'little', opset: 17 });
  const made: Made[] = little.inputs.map((shape, index) => ({
    name: onnx.input(`input${index}`, 'float32', shape),
    shape,
  }));
  const weights: TensorProto[] = [];
  const weight = (dims: readonly number[]): string => {
    const name = `weight${weights.length}`;
    weights.push(inFile(name, dims));
    return name;
  };
  // The builder asks for weights that it knows: these are declared by a zero-length stand-in and replaced below.
  const declare = (dims: readonly number[]): string => onnx.initializer(weight(dims), 'float32', [0], []);
  for (const step of little.steps) {
    const from = (step.from ?? [made.length - 1]).flatMap((index) => made[index] ?? []);
    made.push(addStep(onnx, step, from, declare));
  }
  const last = made.at(-1) ?? { name: '', shape: [] };
  onnx.output(last.name, 'float32', last.shape);
  const model = onnx.build();
  const initializers = model.graph.initializers.map(
    (tensor) => weights.find(({ name }) => name === tensor.name) ?? tensor,
  );
  return { ...model, graph: { ...model.graph, initializers } };
}

function inFile(name: string, dims: readonly number[]): TensorProto {
  const length = 4 * dims.reduce((product, dim) => product * dim, 1);
  return {
    name,
    elementType: 'float32',
    dims,
    data: { kind: 'external', location: weightsFile, offset: 0, length },
    documentation: '',
  };
}

type Declare = (dims: readonly number[]) => string;

function addStep(onnx: ModelBuilder, step: Step, from: readonly Made[], declare: Declare): Made {
  const names = from.map(({ name }) => name);
  const shape = from[0]?.shape ?? [];
  switch (step.op) {
    case 'Conv':
      return addConvolution(onnx, step, names, shape, declare);
    case 'MaxPool':
    case 'AveragePool':
      return addPool(onnx, step, names, shape);
    case 'Gemm': {
      const inputs = [...names, declare([step.out, shape[1] ?? 1]), declare([step.out])];
      return { name: onnx.node('Gemm', inputs, { transB: 1 }), shape: [shape[0] ?? 1, step.out] };
    }
    case 'Dense': {
      const product = onnx.node('MatMul', [...names, declare([shape.at(-1) ?? 1, step.out])]);
      return {
        name: onnx.node('Add', [product, declare([step.out])]),
        shape: [...shape.slice(0, -1), step.out],
      };
    }
    case 'Permute':
      return {
        name: onnx.node('Transpose', names, { perm: step.order }),
        shape: step.order.map((axis) => shape[axis] ?? 1),
      };
    default:
      return addPlain(onnx, step.op, names, from, declare);
  }
}

type ConvolutionStep = Extract<Step, { op: 'Conv' }>;
type PoolStep = Extract<Step, { op: 'MaxPool' | 'AveragePool' }>;

function addConvolution(
  onnx: ModelBuilder,
  { kernel: [high, wide], stride, groups, out }: ConvolutionStep,
  names: readonly string[],
  [batch = 1, channels = 1, height = 1, width = 1]: Shape,
  declare: Declare,
): Made {
  const [top, left] = [Math.floor(high / 2), Math.floor(wide / 2)];
  const attributes = {
    kernel_shape: [high, wide],
    strides: [stride, stride],
    pads: [top, left, top, left],
    group: groups,
  };
  const inputs = [...names, declare([out, channels / groups, high, wide]), declare([out])];
  const side = (length: number, pad: number, size: number): number =>
    Math.floor((length + 2 * pad - size) / stride) + 1;
  return {
    name: onnx.node('Conv', inputs, attributes),
    shape: [batch, out, side(height, top, high), side(width, left, wide)],
  };
}

function addPool(
  onnx: ModelBuilder,
  { op, kernel, stride }: PoolStep,
  names: readonly string[],
  [batch = 1, channels = 1, height = 1, width = 1]: Shape,
): Made {
  const pad = Math.floor(kernel / 2);
  const side = (length: number): number => Math.floor((length + 2 * pad - kernel) / stride) + 1;
  const attributes = {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [pad, pad, pad, pad],
  };
  return { name: onnx.node(op, names, attributes), shape: [batch, channels, side(height), side(width)] };
}

function addPlain(
  onnx: ModelBuilder,
  op: PlainOperator,
  names: readonly string[],
  from: readonly Made[],
  declare: Declare,
): Made {
  const shape = from[0]?.shape ?? [];
  switch (op) {
    case 'Concat': {
      const [batch = 1, , ...rest] = shape;
      const channels = from.reduce((sum, each) => sum + (each.shape[1] ?? 0), 0);
      return { name: onnx.node(op, names, { axis: 1 }), shape: [batch, channels, ...rest] };
    }
    case 'GlobalAveragePool':
      return { name: onnx.node(op, names), shape: [shape[0] ?? 1, shape[1] ?? 1, 1, 1] };
    case 'MatMul':
      return {
        name: onnx.node(op, names),
        shape: [...shape.slice(0, -1), from[1]?.shape.at(-1) ?? 1],
      };
    case 'LayerNormalization': {
      const width = shape.at(-1) ?? 1;
      const inputs = [...names, declare([width]), declare([width])];
      return { name: onnx.node(op, inputs, { axis: -1, epsilon: float(1e-6) }), shape };
    }
    case 'Softmax':
      return { name: onnx.node(op, names, { axis: -1 }), shape };
    case 'Clip': {
      const bounds = ['low', 'high'].map((bound) => `${bound} of ${names[0] ?? ''}`);
      for (const [index, bound] of bounds.entries()) onnx.constant(bound, 'float32', [], [6 * index]);
      return { name: onnx.node(op, [...names, ...bounds]), shape };
    }
    case 'Gelu':
      return { name: addGelu(onnx, names[0] ?? ''), shape };
    default:
      return { name: onnx.node(op, names), shape };
  }
}

/** x/2 · (1 + erf(x/√2)) as exporters spell it: Hendrycks and Gimpel 2016. */
function addGelu(onnx: ModelBuilder, x: string): string {
  const scalar = (what: string, value: number): string =>
    onnx.constant(`${what} of ${x}`, 'float32', [], [value]);
  const erf = onnx.node('Erf', [onnx.node('Div', [x, scalar('root', Math.SQRT2)])]);
  const sum = onnx.node('Add', [erf, scalar('one', 1)]);
  return onnx.node('Mul', [onnx.node('Mul', [x, sum]), scalar('half', 0.5)]);
}
