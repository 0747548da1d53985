import type { ElementType } from '../../onnx/model.ts';
import { elementCount, type Fact, factOf } from './fact.ts';
import type { OperatorCall } from './operator-call.ts';

/** What Tandem knows of one operator. */
export interface OperatorRule {
  /** Facts of the outputs in order; may be more than the node names. */
  readonly infer: (call: OperatorCall) => readonly Fact[];
  /** Operations of one execution, from the inputs and the inferred outputs. */
  readonly flops: Count;
  /** Bytes needed beside inputs and outputs. */
  readonly workspace: Count;
}

export type Count = (call: OperatorCall, outputs: readonly Fact[]) => number;

export type OperatorRules = Readonly<Record<string, OperatorRule>>;

const nothing: Count = () => 0;

export function rule(
  infer: OperatorRule['infer'],
  flops: Count = nothing,
  workspace: Count = nothing,
): OperatorRule {
  return { infer, flops, workspace };
}

/** `factor` operations for each element of the first output. */
export const perOutput =
  (factor: number): Count =>
  (_call, outputs) =>
    factor * elementsOf(outputs[0]);

/** `factor` operations for each element of the first input. */
export const perInput =
  (factor: number): Count =>
  (call) =>
    factor * elementsOf(call.input(0));

export function elementsOf(fact: Fact | null | undefined): number {
  return fact === null || fact === undefined ? 0 : elementCount(fact.shape);
}

/** One output like the first input, perhaps of another type. */
export const likeInput = (call: OperatorCall, type?: ElementType): readonly Fact[] => [
  factOf(type ?? call.input(0).type, call.input(0).shape),
];

/** The same rule for several operators. */
export function each(names: readonly string[], one: OperatorRule): OperatorRules {
  return Object.fromEntries(names.map((name) => [name, one]));
}
