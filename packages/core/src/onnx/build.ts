import { InvalidInputError } from '../errors.ts';
import {
  type Attribute,
  type ByteRange,
  type Dimension,
  type ElementType,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfo,
} from './model.ts';
import { tensorProto, wholeNumber } from './tensor-proto.ts';

/** A float attribute; a plain number is an int, because the two differ in a file and JavaScript cannot tell 1 from 1.0. */
export interface FloatValue {
  readonly float: number | readonly number[];
}

/** What an attribute may be given as: integers, `float(…)`, texts, lists of these, or a tensor. */
export type AttributeInput =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | FloatValue
  | TensorProto;

export interface ModelOptions {
  readonly name: string;
  /** Version of the default operator set. @default 17 */
  readonly opset?: number;
  /** @default 8, the version that opset 17 came with */
  readonly irVersion?: number;
  readonly documentation?: string;
}

/**
 * Makes a ModelProto node by node. Tensors are named by text; a node's output bears the node's name, so that a name such as
 * 'layer1/block0/conv2' finds both. Every method throws InvalidInputError for a name used twice and for an input that nothing
 * has made yet, so what `build` returns is in topological order.
 */
export interface ModelBuilder {
  /** A graph input; a dimension may be a symbol such as 'N'. Returns its name. */
  input(name: string, type: ElementType, shape: readonly Dimension[]): string;
  /** A weight, by reference or as numbers. Returns its name. */
  initializer(
    name: string,
    type: ElementType,
    dims: readonly number[],
    data: ByteRange | readonly number[],
  ): string;
  /** A Constant node, for scalars and shapes, which are not learned. Returns its name. */
  constant(name: string, type: ElementType, dims: readonly number[], values: readonly number[]): string;
  /** A node with one output. Inputs are tensor names, '' = absent. @default name the operator and its count, as in 'Relu3' */
  node(op: string, inputs: readonly string[], attributes?: AttributeInputs, name?: string): string;
  /** A node with several outputs, named 'NAME:OUTPUT'. */
  nodeWithOutputs(
    op: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes?: AttributeInputs,
    name?: string,
  ): string[];
  /** Declares a tensor that exists as a graph output. */
  output(tensor: string, type: ElementType, shape: readonly Dimension[]): void;
  /** The model so far, frozen against later calls. */
  build(): ModelProto;
}

export type AttributeInputs = Readonly<Record<string, AttributeInput>>;

/** Marks numbers as a float or floats attribute. */
export function float(value: number | readonly number[]): FloatValue {
  return { float: value };
}

/** An empty model to add to. */
export function createModelBuilder(options: ModelOptions): ModelBuilder {
  const inputs: ValueInfo[] = [];
  const outputs: ValueInfo[] = [];
  const nodes: NodeProto[] = [];
  const initializers: TensorProto[] = [];
  const names = new NameBook(options.name);

  const addNode = (
    op: string,
    from: readonly string[],
    to: readonly string[],
    attributes: AttributeInputs,
    name: string,
  ): void => {
    names.requireAll(from, name);
    for (const output of to) names.claim(output);
    nodes.push(nodeProto(op, name, from, to, attributes));
  };

  const node: ModelBuilder['node'] = (op, from, attributes = {}, name = names.next(op)) => {
    addNode(op, from, [name], attributes, name);
    return name;
  };

  return {
    node,
    nodeWithOutputs: (op, from, to, attributes = {}, name = names.next(op)) => {
      const tensors = to.map((output) => `${name}:${output}`);
      addNode(op, from, tensors, attributes, name);
      return tensors;
    },
    input: (name, type, shape) => {
      inputs.push(valueInfo(names.claim(name), type, shape));
      return name;
    },
    initializer: (name, type, dims, data) => {
      initializers.push(tensorProto(names.claim(name), type, dims, data));
      return name;
    },
    constant: (name, type, dims, values) =>
      node('Constant', [], { value: tensorProto(name, type, dims, values) }, name),
    output: (tensor, type, shape) => {
      names.requireAll([tensor], 'the graph outputs');
      outputs.push(valueInfo(tensor, type, shape));
    },
    build: () => modelProto(options, [...inputs], [...outputs], [...nodes], [...initializers]),
  };
}

/** Which names a model under construction has used. */
class NameBook {
  readonly #model: string;
  readonly #taken = new Set<string>(['']);
  readonly #counts = new Map<string, number>();

  constructor(model: string) {
    this.#model = model;
  }

  claim(name: string): string {
    if (this.#taken.has(name)) {
      throw new InvalidInputError(
        `model '${this.#model}' has two tensors named '${name}', expected each name once`,
        'Give the node or the tensor another, non-empty name.',
      );
    }
    this.#taken.add(name);
    return name;
  }

  requireAll(names: readonly string[], reader: string): void {
    const missing = names.find((name) => !this.#taken.has(name));
    if (missing === undefined) return;
    throw new InvalidInputError(
      `'${reader}' of model '${this.#model}' reads '${missing}', which is neither an input, a weight nor an earlier output`,
      'Add the tensor before the node that reads it.',
    );
  }

  /** 'Relu0', 'Relu1' … */
  next(op: string): string {
    const count = this.#counts.get(op) ?? 0;
    this.#counts.set(op, count + 1);
    return `${op}${count}`;
  }
}

function modelProto(
  options: ModelOptions,
  inputs: readonly ValueInfo[],
  outputs: readonly ValueInfo[],
  nodes: readonly NodeProto[],
  initializers: readonly TensorProto[],
): ModelProto {
  const { name, opset = 17, irVersion = 8, documentation = '' } = options;
  return {
    irVersion,
    producerName: 'tandem',
    producerVersion: '',
    domain: '',
    modelVersion: 0,
    documentation,
    operatorSets: [{ domain: '', version: opset }],
    graph: { name, documentation: '', nodes, initializers, inputs, outputs, valueInfos: [], rest: [] },
    metadata: [],
    rest: [],
  };
}

function nodeProto(
  opType: string,
  name: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: AttributeInputs,
): NodeProto {
  return {
    name,
    opType,
    domain: '',
    inputs,
    outputs,
    attributes: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
    documentation: '',
    rest: [],
  };
}

function valueInfo(name: string, elementType: ElementType, shape: readonly Dimension[]): ValueInfo {
  return { name, type: { kind: 'tensor', elementType, shape }, documentation: '', rest: [] };
}

function attribute(name: string, value: AttributeInput): Attribute {
  if (typeof value === 'number') return { name, kind: 'int', value: wholeNumber(name, value) };
  if (typeof value === 'string') return { name, kind: 'string', value };
  if (isList(value)) return listAttribute(name, value);
  if ('elementType' in value) return { name, kind: 'tensor', value };
  return typeof value.float === 'number'
    ? { name, kind: 'float', value: value.float }
    : { name, kind: 'floats', value: value.float };
}

/** An empty list is taken as ints, the kind that operators with optional axes expect. */
function listAttribute(name: string, values: readonly number[] | readonly string[]): Attribute {
  const texts = values.filter((value) => typeof value === 'string');
  if (texts.length > 0) return { name, kind: 'strings', value: texts };
  return { name, kind: 'ints', value: values.map((value) => wholeNumber(name, Number(value))) };
}

function isList(value: AttributeInput): value is readonly number[] | readonly string[] {
  return Array.isArray(value);
}
