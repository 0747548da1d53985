import type { ElementType } from '../onnx/model.ts';
import type { Bytes, Flops } from '../units.ts';

/** Position in `Graph.nodes`. */
export type NodeId = number;
/** Position in `Graph.tensors`. */
export type TensorId = number;
/** Position in `Graph.parameters`. */
export type ParameterId = number;

/**
 * What a model computes on its activations, with every shape known: JSON-able rows. Nodes that depend on no graph input
 * (weights, constants and all that derives from them alone) are not in `nodes`; what they yield counts as parameters. Nodes and
 * outputs that no graph output needs are left out too.
 */
export interface Graph {
  readonly name: string;
  readonly opset: number;
  /** SHA-256 of the model's bytes, where the loader computed it. */
  readonly modelDigest?: string;
  readonly inputs: readonly TensorId[];
  readonly outputs: readonly TensorId[];
  /** In a fixed topological order. */
  readonly nodes: readonly Node[];
  readonly tensors: readonly Tensor[];
  readonly parameters: readonly Parameter[];
}

export interface Node {
  readonly id: NodeId;
  /** Index of the node in ModelProto.graph.nodes. */
  readonly source: number;
  readonly name: string;
  readonly op: string;
  readonly domain: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** Activations only, each once, those that sub-graph bodies capture included. */
  readonly inputs: readonly TensorId[];
  readonly outputs: readonly TensorId[];
  /** Parameters read, directly or through constant-derived nodes, each once. */
  readonly parameters: readonly ParameterId[];
  readonly flops: Flops;
  readonly parameterBytes: Bytes;
  readonly workspaceBytes: Bytes;
  /** The node that this one is folded into for counting and cutting (batch norm, dropout, identity), never one that is folded itself; null = stands alone. */
  readonly foldedInto: NodeId | null;
}

/** Tensors, graphs and unknown kinds appear as null. */
export type AttributeValue = number | string | readonly number[] | readonly string[] | null;

export interface Tensor {
  readonly id: TensorId;
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly bytes: Bytes;
  readonly producer: NodeId | 'input';
  /** Distinct, ascending. */
  readonly consumers: readonly NodeId[];
}

export interface Parameter {
  readonly id: ParameterId;
  /** The initializer's or Constant output's name. */
  readonly name: string;
  readonly elements: number;
  readonly bytes: Bytes;
  /** False for integer and string constants, Constant nodes, and batch-norm running statistics. */
  readonly learned: boolean;
}

/** A downward-closed node set (every predecessor of a member is a member) and the distinct tensors that leave it. */
export interface Cut {
  /** Ascending; runs before the cut. */
  readonly nodes: readonly NodeId[];
  /** Ascending; each tensor once however many consumers it has. A graph input that is needed after the cut is included. */
  readonly boundary: readonly TensorId[];
  readonly bytes: Bytes;
}
