import { type Fact, factOf } from './fact.ts';
import type { OperatorCall } from './operator-call.ts';
import {
  type Count,
  each,
  elementsOf,
  likeInput,
  type OperatorRules,
  perOutput,
  rule,
} from './operator-rule.ts';

/** The normalised tensor, then mean and inverse deviation with the normalised axes kept as 1. */
function layerNormalise(call: OperatorCall): readonly Fact[] {
  const shape = call.shape(0);
  const axis = call.axis(call.int('axis', -1), shape.length);
  const kept = shape.map((size, index) => (index < axis ? size : 1));
  return [factOf(call.input(0).type, shape), factOf('float32', kept), factOf('float32', kept)];
}

/** In inference; the training outputs (running statistics) have the shape of the channels. */
function batchNormalise(call: OperatorCall): readonly Fact[] {
  const statistics = [1, 2, 3, 4].map((index) => call.input(index));
  const channels = call.shape(0)[1] ?? 1;
  if (statistics.some((fact) => fact.shape.length === 1 && fact.shape[0] !== channels)) {
    throw call.fault(`has statistics of another size than its ${channels} channels`);
  }
  return [
    factOf(call.input(0).type, call.shape(0)),
    ...statistics.map((fact) => factOf(fact.type, fact.shape)),
  ];
}

/** Square, sum over the window, scale, raise, divide. */
const responseFlops: Count = (call, outputs) => (call.int('size', 1) + 3) * elementsOf(outputs[0]);

export const normalisationRules: OperatorRules = {
  BatchNormalization: rule(batchNormalise, perOutput(2)),
  ...each(['LayerNormalization', 'RMSNormalization'], rule(layerNormalise, perOutput(8))),
  ...each(
    ['InstanceNormalization', 'GroupNormalization', 'MeanVarianceNormalization', 'LpNormalization'],
    rule((call) => likeInput(call), perOutput(8)),
  ),
  LRN: rule((call) => likeInput(call), responseFlops),
  ...each(
    ['Softmax', 'LogSoftmax'],
    rule((call) => likeInput(call), perOutput(5)),
  ),
};
