import { InvalidInputError, type TandemError, UnsupportedError } from '../../errors.ts';
import {
  floatAttribute,
  graphAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
} from '../../onnx/attributes.ts';
import type { Attribute, GraphProto, NodeProto } from '../../onnx/model.ts';
import type { Fact } from './fact.ts';

/** What a sub-graph body yields, in the order of its outputs, and the operations of one pass through it. */
export interface BodyResult {
  readonly outputs: readonly Fact[];
  readonly flops: number;
}

export type InferBody = (body: GraphProto, inputs: readonly Fact[]) => BodyResult;

/** One node with what is known of its inputs: all that an operator rule looks at. */
export class OperatorCall {
  readonly node: NodeProto;
  /** Version of the operator set that the node's domain is imported at. */
  readonly opset: number;
  /** Null = an optional input that is absent. */
  readonly inputs: readonly (Fact | null)[];
  readonly #inferBody: InferBody;
  readonly #bodies: Map<GraphProto, BodyResult> = new Map();

  constructor(node: NodeProto, opset: number, inputs: readonly (Fact | null)[], inferBody: InferBody) {
    this.node = node;
    this.opset = opset;
    this.inputs = inputs;
    this.#inferBody = inferBody;
  }

  /**
   * What a sub-graph body yields for these inputs. Computed once a call, since rules ask for shapes and again for operations, and
   * bodies nest.
   */
  inferBody(body: GraphProto, inputs: readonly Fact[]): BodyResult {
    const known = this.#bodies.get(body);
    if (known !== undefined) return known;
    const result = this.#inferBody(body, inputs);
    this.#bodies.set(body, result);
    return result;
  }

  /** A mandatory input. */
  input(index: number): Fact {
    const fact = this.inputs[index];
    if (fact === null || fact === undefined) throw this.fault(`lacks its input ${index}`);
    return fact;
  }

  shape(index: number): readonly number[] {
    return this.input(index).shape;
  }

  /** The elements of a mandatory input, which must follow from constants and shapes. */
  values(index: number): readonly number[] {
    const values = this.input(index).values();
    if (values === null) throw this.dataDependent(`input ${index} ('${this.node.inputs[index]}')`);
    return values;
  }

  /** As `values`, but null when the input is absent or has no elements. */
  optionalValues(index: number): readonly number[] | null {
    const fact = this.inputs[index];
    if (fact === null || fact === undefined || fact.shape.includes(0)) return null;
    return this.values(index);
  }

  /** A list that later versions of an operator take as an input and earlier ones as an attribute. */
  listed(name: string, index: number): readonly number[] | null {
    return intsAttribute(this.node, name) ?? this.optionalValues(index);
  }

  /** As `listed`, for numbers that are not integers. */
  listedFloats(name: string, index: number): readonly number[] | null {
    const attribute = this.attribute(name);
    return attribute?.kind === 'floats' ? attribute.value : this.optionalValues(index);
  }

  has(name: string): boolean {
    return this.attribute(name) !== null;
  }

  attribute(name: string): Attribute | null {
    return this.node.attributes.find((attribute) => attribute.name === name) ?? null;
  }

  int(name: string, fallback: number): number {
    return intAttribute(this.node, name, fallback);
  }

  ints(name: string): readonly number[] | null {
    return intsAttribute(this.node, name);
  }

  float(name: string, fallback: number): number {
    return floatAttribute(this.node, name, fallback);
  }

  text(name: string, fallback: string): string {
    return stringAttribute(this.node, name, fallback);
  }

  body(name: string): GraphProto {
    const body = graphAttribute(this.node, name);
    if (body === null) throw this.fault(`lacks its attribute '${name}'`);
    return body;
  }

  /** An axis counted from the front; negative ones count from the back. */
  axis(value: number, rank: number): number {
    const axis = value < 0 ? value + rank : value;
    if (!Number.isInteger(axis) || axis < 0 || axis >= rank) {
      throw this.fault(`has axis ${value} for a tensor of rank ${rank}`);
    }
    return axis;
  }

  /** The model is wrong at this node. */
  fault(sentence: string): TandemError {
    return new InvalidInputError(
      `node ${nodeLabel(this.node)} ${sentence}`,
      'The model is not valid at these input shapes: check the batch and dimensions given, or export it again.',
    );
  }

  /** The model may be right, but this form of the operator has no rule. */
  unsupported(sentence: string): TandemError {
    return new UnsupportedError(
      `node ${nodeLabel(this.node)} ${sentence}, for which there is no shape rule`,
      fillTheGap,
    );
  }

  /** The output's shape depends on numbers that only a run yields. */
  dataDependent(what: string): TandemError {
    return new UnsupportedError(
      `the output shape of node ${nodeLabel(this.node)} depends on the values of ${what}, which are not constant`,
      fillTheGap,
    );
  }
}

export const fillTheGap =
  'Execute the model once with all its tensors as outputs and pass the shapes found as `known`; that fills the gap.';

/** How messages name a node: name, operator, domain. */
export function nodeLabel(node: NodeProto): string {
  return `'${node.name}' (operator ${node.opType}, domain '${node.domain === '' ? 'ai.onnx' : node.domain}')`;
}
