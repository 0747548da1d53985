import { type Fact, factOf } from './fact.ts';
import type { OperatorCall } from './operator-call.ts';
import { type Count, elementsOf, type OperatorRules, rule } from './operator-rule.ts';

/** X [steps, batch, features] (or batch first with layout 1) to Y, Y_h and, for LSTM, Y_c. */
function recur(call: OperatorCall): readonly Fact[] {
  const { type, shape } = call.input(0);
  const [first = 1, second = 1] = shape;
  const hidden = call.int('hidden_size', call.shape(2).at(-1) ?? 1);
  const directions = call.text('direction', 'forward') === 'bidirectional' ? 2 : 1;
  const batchFirst = call.int('layout', 0) === 1;
  const all = batchFirst ? [first, second, directions, hidden] : [first, directions, second, hidden];
  const last = batchFirst ? [first, directions, hidden] : [directions, second, hidden];
  return [factOf(type, all), factOf(type, last), factOf(type, last)];
}

/** Every step and batch item meets every weight of W and R once. */
const recurrentFlops: Count = (call) => {
  const [steps = 1, batch = 1] = call.shape(0);
  return 2 * steps * batch * (elementsOf(call.input(1)) + elementsOf(call.input(2)));
};

export const recurrentRules: OperatorRules = {
  RNN: rule(recur, recurrentFlops),
  GRU: rule(recur, recurrentFlops),
  LSTM: rule(recur, recurrentFlops),
};
