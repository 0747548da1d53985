import { type ElementType, elementBits } from '../../onnx/model.ts';
import { broadcastPositions, broadcastShape } from './broadcast.ts';
import { type Fact, factOf } from './fact.ts';
import type { OperatorCall } from './operator-call.ts';
import { type Count, each, elementsOf, type OperatorRules, rule } from './operator-rule.ts';

type Combine = (left: number, right: number) => number;

const isReal = (type: ElementType): boolean => /^b?float/.test(type);

/** A number as an element of `type` holds it. */
export function rounded(value: number, type: ElementType): number {
  if (type === 'float32') return Math.fround(value);
  if (isReal(type) || type === 'bool') return value;
  return Math.trunc(value);
}

/** Whether numbers of this type are folded; 16-bit and narrower floats round in ways that shapes never need. */
export function isFoldable(type: ElementType): boolean {
  return elementBits[type] > 0 && (!isReal(type) || type === 'float32' || type === 'float64');
}

/** One operation for every output element and operand beyond the first. */
const perExtraOperand: Count = (call, outputs) =>
  Math.max(1, call.inputs.length - 1) * elementsOf(outputs[0]);

/** Operators of any number of operands that broadcast, folded from the left. */
function combining(combine: Combine, result?: ElementType) {
  return (call: OperatorCall): readonly Fact[] => {
    const facts = call.inputs.map((_, index) => call.input(index));
    const type = result ?? call.input(0).type;
    const shape = broadcastShape(
      call,
      facts.map((fact) => fact.shape),
    );
    return [factOf(type, shape, () => combineAll(facts, shape, type, combine))];
  };
}

function combineAll(
  facts: readonly Fact[],
  shape: readonly number[],
  type: ElementType,
  combine: Combine,
): readonly number[] | null {
  const operands: (readonly number[])[] = [];
  for (const fact of facts) {
    const values = isFoldable(fact.type) ? spreadValues(fact, shape) : null;
    if (values === null) return null;
    operands.push(values);
  }
  const join = (left: readonly number[], right: readonly number[]): readonly number[] =>
    left.map((value, index) => rounded(combine(value, right[index] ?? 0), type));
  return operands.length === 0 ? null : operands.reduce(join);
}

const truth = (flag: boolean): number => (flag ? 1 : 0);

const combinations: Readonly<Record<string, Combine>> = {
  Add: (left, right) => left + right,
  Sub: (left, right) => left - right,
  Mul: (left, right) => left * right,
  Div: (left, right) => left / right,
  Pow: (left, right) => left ** right,
  Sum: (left, right) => left + right,
  Max: (left, right) => Math.max(left, right),
  Min: (left, right) => Math.min(left, right),
};

const comparisons: Readonly<Record<string, Combine>> = {
  Equal: (left, right) => truth(left === right),
  Greater: (left, right) => truth(left > right),
  GreaterOrEqual: (left, right) => truth(left >= right),
  Less: (left, right) => truth(left < right),
  LessOrEqual: (left, right) => truth(left <= right),
  And: (left, right) => truth(left !== 0 && right !== 0),
  Or: (left, right) => truth(left !== 0 || right !== 0),
  Xor: (left, right) => truth((left !== 0) !== (right !== 0)),
};

/** Broadcast by any of these; never folded. */
const unfolded = ['Mean', 'BitShift', 'BitwiseAnd', 'BitwiseOr', 'BitwiseXor'];

/** Integer remainder with the divisor's sign, or C's fmod. */
function remainder(call: OperatorCall): readonly Fact[] {
  const truncated = call.int('fmod', 0) === 1;
  return combining((left, right) => (truncated ? left % right : left - right * Math.floor(left / right)))(
    call,
  );
}

function broadcast(call: OperatorCall): readonly Fact[] {
  const shapes = call.inputs.map((_, index) => call.shape(index));
  return [factOf(call.input(0).type, broadcastShape(call, shapes))];
}

/** Condition, then, else. */
function where(call: OperatorCall): readonly Fact[] {
  const facts = [call.input(0), call.input(1), call.input(2)];
  const shape = broadcastShape(
    call,
    facts.map((fact) => fact.shape),
  );
  return [
    factOf(call.input(1).type, shape, () => {
      const [condition, yes, no] = facts.map((fact) => spreadValues(fact, shape));
      if (!condition || !yes || !no) return null;
      return condition.map((flag, index) => (flag !== 0 ? yes : no)[index] ?? 0);
    }),
  ];
}

function spreadValues(fact: Fact, shape: readonly number[]): number[] | null {
  const values = fact.values();
  return values === null
    ? null
    : broadcastPositions(fact.shape, shape).map((position) => values[position] ?? 0);
}

export const arithmeticRules: OperatorRules = {
  ...Object.fromEntries(
    Object.entries(combinations).map(([name, combine]) => [name, rule(combining(combine), perExtraOperand)]),
  ),
  ...Object.fromEntries(
    Object.entries(comparisons).map(([name, combine]) => [
      name,
      rule(combining(combine, 'bool'), perExtraOperand),
    ]),
  ),
  ...each(unfolded, rule(broadcast, perExtraOperand)),
  Mod: rule(remainder, perExtraOperand),
  Where: rule(where, perExtraOperand),
  // The slope broadcasts to the input only.
  PRelu: rule((call) => [factOf(call.input(0).type, call.shape(0))], perExtraOperand),
};
