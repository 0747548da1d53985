import { type ElementType, elementTypeCodes } from '../../onnx/model.ts';
import { isFoldable, rounded } from './arithmetic.ts';
import { type Fact, factOf } from './fact.ts';
import type { OperatorCall } from './operator-call.ts';
import { each, likeInput, type OperatorRule, type OperatorRules, perOutput, rule } from './operator-rule.ts';

/** Applied to every element; one operation each, as table I of Mu et al. counts ReLU. */
const plain = [
  'Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Celu Cos Cosh Elu Erf Exp HardSigmoid HardSwish Hardmax LeakyRelu Log',
  'Mish Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu Clip',
]
  .join(' ')
  .split(' ');

/** Tests of every element. */
const predicates = ['IsInf', 'IsNaN', 'Not'];

const folding = (compute: (value: number) => number): OperatorRule =>
  rule((call) => {
    const fact = call.input(0);
    return [factOf(fact.type, fact.shape, () => mapValues(fact, fact.type, compute))];
  }, perOutput(1));

function mapValues(
  fact: Fact,
  type: ElementType,
  compute: (value: number) => number,
): readonly number[] | null {
  const values = isFoldable(fact.type) && isFoldable(type) ? fact.values() : null;
  return values?.map((value) => rounded(compute(value), type)) ?? null;
}

/** The element type with the number that TensorProto.DataType gives it. */
export function typeOfCode(call: OperatorCall, code: number): ElementType {
  for (const [type, number] of Object.entries(elementTypeCodes)) {
    if (number === code) return type as ElementType;
  }
  throw call.fault(`names element type ${code}, which does not exist`);
}

function converted(fact: Fact, type: ElementType): readonly Fact[] {
  const truthOrSame = (value: number): number => (type === 'bool' ? Number(value !== 0) : value);
  return [factOf(type, fact.shape, () => mapValues(fact, type, truthOrSame))];
}

export const elementwiseRules: OperatorRules = {
  ...each(
    plain,
    rule((call) => likeInput(call), perOutput(1)),
  ),
  ...each(
    predicates,
    rule((call) => likeInput(call, 'bool'), perOutput(1)),
  ),
  Ceil: folding(Math.ceil),
  Floor: folding(Math.floor),
  Neg: folding((value) => -value),
  Gelu: rule((call) => likeInput(call), perOutput(8)),
  Identity: rule((call) => [call.input(0)]),
  Dropout: rule((call) => [
    call.input(0),
    factOf(call.opset < 10 ? call.input(0).type : 'bool', call.shape(0)),
  ]),
  Cast: rule((call) => converted(call.input(0), typeOfCode(call, call.int('to', 0)))),
  CastLike: rule((call) => converted(call.input(0), call.input(1).type)),
};
