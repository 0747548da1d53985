import { broadcastShape } from './broadcast.ts';
import { convolutionRules } from './convolution.ts';
import { elementwiseRules } from './elementwise.ts';
import { factOf } from './fact.ts';
import { multiplyShapes } from './matrix.ts';
import {
  each,
  elementsOf,
  likeInput,
  type OperatorRules,
  perInput,
  perOutput,
  rule,
} from './operator-rule.ts';

/** Operators of ONNX Runtime's own domain 'com.microsoft' that its optimiser and quantiser write into models. */
export const contributedRules: OperatorRules = {
  ...each(
    ['Gelu', 'FastGelu', 'BiasGelu', 'QuickGelu'],
    rule((call) => likeInput(call), perOutput(8)),
  ),
  ...each(
    ['SkipLayerNormalization', 'SkipSimplifiedLayerNormalization'],
    rule((call) => likeInput(call), perOutput(9)),
  ),
  ...pickRules(convolutionRules, { FusedConv: 'Conv' }),
  ...pickRules(elementwiseRules, { Identity: 'Identity' }),
  ...each(
    ['QLinearAdd', 'QLinearMul'],
    rule(
      (call) => [factOf(call.input(0).type, broadcastShape(call, [call.shape(0), call.shape(3)]))],
      perOutput(1),
    ),
  ),
  ...each(
    ['QLinearSigmoid', 'QLinearLeakyRelu', 'QLinearSoftmax'],
    rule((call) => likeInput(call), perOutput(1)),
  ),
  QLinearGlobalAveragePool: rule((call) => {
    const [batch = 1, channels = 1, ...spatial] = call.shape(0);
    return [factOf(call.input(0).type, [batch, channels, ...spatial.map(() => 1)])];
  }, perInput(1)),
  FusedMatMul: rule(
    (call) => {
      const turned = (index: number, name: string): readonly number[] =>
        call.int(name, 0) === 0 ? call.shape(index) : swapLast(call.shape(index));
      return [factOf(call.input(0).type, multiplyShapes(call, turned(0, 'transA'), turned(1, 'transB')))];
    },
    (call, outputs) =>
      2 * elementsOf(outputs[0]) * (call.shape(0).at(call.int('transA', 0) === 0 ? -1 : -2) ?? 1),
  ),
};

function swapLast(shape: readonly number[]): readonly number[] {
  return [...shape.slice(0, -2), ...shape.slice(-2).reverse()];
}

function pickRules(rules: OperatorRules, names: Readonly<Record<string, string>>): OperatorRules {
  return Object.fromEntries(
    Object.entries(names).flatMap(([name, like]) => {
      const found = rules[like];
      return found === undefined ? [] : [[name, found]];
    }),
  );
}
