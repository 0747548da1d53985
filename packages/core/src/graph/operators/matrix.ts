import { broadcastShape } from './broadcast.ts';
import { type Fact, factOf } from './fact.ts';
import type { OperatorCall } from './operator-call.ts';
import { type Count, elementsOf, type OperatorRules, rule } from './operator-rule.ts';

/** numpy's matmul: [..., m, k] × [..., k, n], vectors gain an axis that is dropped again. */
export function multiplyShapes(
  call: OperatorCall,
  left: readonly number[],
  right: readonly number[],
): readonly number[] {
  if (left.length === 0 || right.length === 0) throw call.fault('cannot multiply a scalar');
  const rows = left.length === 1 ? [1, ...left] : left;
  const columns = right.length === 1 ? [...right, 1] : right;
  const inner = rows.at(-1);
  if (inner !== columns.at(-2)) {
    throw call.fault(`cannot multiply [${left.join(', ')}] by [${right.join(', ')}]`);
  }
  const batch = broadcastShape(call, [rows.slice(0, -2), columns.slice(0, -2)]);
  return [
    ...batch,
    ...(left.length === 1 ? [] : [rows.at(-2) ?? 1]),
    ...(right.length === 1 ? [] : [columns.at(-1) ?? 1]),
  ];
}

/** Two operations a multiply-accumulate. */
const productFlops: Count = (call, outputs) => 2 * elementsOf(outputs[0]) * (call.shape(0).at(-1) ?? 1);

/** A [M, K] (or transposed) times B [K, N] (or transposed). */
function gemmSizes(call: OperatorCall): { rows: number; inner: number; columns: number } {
  const [first, second] = [call.shape(0), call.shape(1)];
  if (first.length !== 2 || second.length !== 2) throw call.fault('needs two matrices');
  const [rows = 0, inner = 0] = call.int('transA', 0) === 0 ? first : [...first].reverse();
  const [depth = 0, columns = 0] = call.int('transB', 0) === 0 ? second : [...second].reverse();
  if (inner !== depth) throw call.fault(`multiplies ${rows}×${inner} by ${depth}×${columns}`);
  return { rows, inner, columns };
}

function gemm(call: OperatorCall): readonly Fact[] {
  const { rows, columns } = gemmSizes(call);
  return [factOf(call.input(0).type, [rows, columns])];
}

/** (2·Ci − 1)·Co a row: table I of Mu et al., which leaves the bias out. */
const gemmFlops: Count = (call) => {
  const { rows, inner, columns } = gemmSizes(call);
  return rows * Math.max(0, 2 * inner - 1) * columns;
};

/** The size of each letter of an equation such as 'bij,bjk->bik', and the letters of the output. */
function einsumTerms(call: OperatorCall): { sizes: Map<string, number>; output: readonly string[] } {
  const equation = call.text('equation', '').replaceAll(' ', '');
  const [left = '', right] = equation.split('->');
  if (equation.includes('.')) throw call.unsupported(`has an equation with an ellipsis ('${equation}')`);
  const terms = left.split(',');
  const sizes = new Map<string, number>();
  for (const [index, term] of terms.entries()) {
    const shape = call.shape(index);
    if (term.length !== shape.length)
      throw call.fault(`has term '${term}' for a tensor of rank ${shape.length}`);
    for (const [axis, letter] of term.split('').entries())
      sizes.set(letter, Math.max(sizes.get(letter) ?? 1, shape[axis] ?? 1));
  }
  const once = [...sizes.keys()].filter((letter) => left.split(letter).length === 2).sort();
  return { sizes, output: right?.split('') ?? once };
}

function einsum(call: OperatorCall): readonly Fact[] {
  const { sizes, output } = einsumTerms(call);
  return [
    factOf(
      call.input(0).type,
      output.map((letter) => sizes.get(letter) ?? 1),
    ),
  ];
}

/** Every combination of indices is multiplied and added once for each operand. */
const einsumFlops: Count = (call) =>
  call.inputs.length * [...einsumTerms(call).sizes.values()].reduce((product, size) => product * size, 1);

export const matrixRules: OperatorRules = {
  MatMul: rule(
    (call) => [factOf(call.input(0).type, multiplyShapes(call, call.shape(0), call.shape(1)))],
    productFlops,
  ),
  MatMulInteger: rule(
    (call) => [factOf('int32', multiplyShapes(call, call.shape(0), call.shape(1)))],
    productFlops,
  ),
  QLinearMatMul: rule(
    (call) => [factOf(call.input(7).type, multiplyShapes(call, call.shape(0), call.shape(3)))],
    productFlops,
  ),
  Gemm: rule(gemm, gemmFlops),
  Einsum: rule(einsum, einsumFlops),
};
