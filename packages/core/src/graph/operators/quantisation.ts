import { typeOfCode } from './elementwise.ts';
import { factOf } from './fact.ts';
import { likeInput, type OperatorRules, perOutput, rule } from './operator-rule.ts';

/** Scale, round and clamp: two operations an element either way. */
export const quantisationRules: OperatorRules = {
  QuantizeLinear: rule((call) => {
    const named = call.int('output_dtype', 0);
    return likeInput(call, call.inputs[2]?.type ?? (named === 0 ? 'uint8' : typeOfCode(call, named)));
  }, perOutput(2)),
  DequantizeLinear: rule((call) => {
    const named = call.int('output_dtype', 0);
    return likeInput(call, named === 0 ? call.input(1).type : typeOfCode(call, named));
  }, perOutput(2)),
  DynamicQuantizeLinear: rule(
    (call) => [factOf('uint8', call.shape(0)), factOf('float32', []), factOf('uint8', [])],
    perOutput(4),
  ),
};
