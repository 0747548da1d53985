import { elementCount, type Fact, factOf } from './fact.ts';
import type { OperatorCall } from './operator-call.ts';
import { type Count, each, elementsOf, type OperatorRules, perInput, rule } from './operator-rule.ts';
import { slide, windowOf } from './window.ts';

/** Input [N, C, ...], output [N, C, ...]; MaxPool's second output holds positions. */
function pool(call: OperatorCall): readonly Fact[] {
  const [batch, channels, ...spatial] = call.shape(0);
  if (batch === undefined || channels === undefined) throw call.fault('needs an input of rank >= 3');
  const shape = [batch, channels, ...slide(call, spatial, windowOf(call, kernelOf(call)))];
  return [factOf(call.input(0).type, shape), factOf('int64', shape)];
}

function poolGlobally(call: OperatorCall): readonly Fact[] {
  const [batch, channels, ...spatial] = call.shape(0);
  if (batch === undefined || channels === undefined) throw call.fault('needs an input of rank >= 3');
  return [factOf(call.input(0).type, [batch, channels, ...spatial.map(() => 1)])];
}

function kernelOf(call: OperatorCall): readonly number[] {
  const kernel = call.ints('kernel_shape');
  if (kernel === null) throw call.fault("lacks its attribute 'kernel_shape'");
  return kernel;
}

/** One comparison for each element under the window (Mu et al., table I, with the output's size, which reproduces their figures). */
const windowFlops: Count = (call, outputs) => elementCount(kernelOf(call)) * elementsOf(outputs[0]);

export const poolingRules: OperatorRules = {
  MaxPool: rule(pool, windowFlops),
  LpPool: rule(pool, windowFlops),
  AveragePool: rule((call) => pool(call).slice(0, 1), perInput(1)),
  ...each(['GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool'], rule(poolGlobally, perInput(1))),
};
