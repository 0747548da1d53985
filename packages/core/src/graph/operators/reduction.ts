import { rounded } from './arithmetic.ts';
import { elementCount, type Fact, factOf } from './fact.ts';
import type { OperatorCall } from './operator-call.ts';
import { each, likeInput, type OperatorRules, perInput, perOutput, rule } from './operator-rule.ts';

/** Axes as attribute or input; none = all, unless noop_with_empty_axes. */
function reducedAxes(call: OperatorCall): readonly number[] {
  const shape = call.shape(0);
  const listed = call.listed('axes', 1);
  if (listed !== null && listed.length > 0) return listed.map((axis) => call.axis(axis, shape.length));
  return call.int('noop_with_empty_axes', 0) === 1 ? [] : [...shape.keys()];
}

function without(shape: readonly number[], axes: readonly number[], keep: boolean): number[] {
  return keep
    ? shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    : shape.filter((_, axis) => !axes.includes(axis));
}

/** Folds only where everything is reduced to one element, which is all that shape computations need. */
const reducing =
  (combine?: (values: readonly number[]) => number) =>
  (call: OperatorCall): readonly Fact[] => {
    const fact = call.input(0);
    const shape = without(fact.shape, reducedAxes(call), call.int('keepdims', 1) === 1);
    if (combine === undefined || elementCount(shape) !== 1) return [factOf(fact.type, shape)];
    return [
      factOf(fact.type, shape, () => {
        const values = fact.values();
        return values && [rounded(combine(values), fact.type)];
      }),
    ];
  };

function positionOfBest(call: OperatorCall): readonly Fact[] {
  const shape = call.shape(0);
  const axis = call.axis(call.int('axis', 0), shape.length);
  return [factOf('int64', without(shape, [axis], call.int('keepdims', 1) === 1))];
}

/** Values and positions of the k best. */
function best(call: OperatorCall): readonly Fact[] {
  const { shape, type } = call.input(0);
  const axis = call.axis(call.int('axis', -1), shape.length);
  const count = call.opset < 10 ? call.int('k', 1) : (call.values(1)[0] ?? 1);
  const kept = shape.with(axis, count);
  return [factOf(type, kept), factOf('int64', kept)];
}

const folded: Readonly<Record<string, (values: readonly number[]) => number>> = {
  ReduceSum: (values) => values.reduce((sum, value) => sum + value, 0),
  ReduceProd: (values) => values.reduce((product, value) => product * value, 1),
  ReduceMax: (values) => Math.max(...values),
  ReduceMin: (values) => Math.min(...values),
};

const plain = ['ReduceMean', 'ReduceL1', 'ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp', 'ReduceSumSquare'];

export const reductionRules: OperatorRules = {
  ...Object.fromEntries(
    Object.entries(folded).map(([name, combine]) => [name, rule(reducing(combine), perInput(1))]),
  ),
  ...each(plain, rule(reducing(), perInput(1))),
  ...each(['ArgMax', 'ArgMin'], rule(positionOfBest, perInput(1))),
  TopK: rule(best, perInput(1)),
  CumSum: rule((call) => likeInput(call), perOutput(1)),
};
