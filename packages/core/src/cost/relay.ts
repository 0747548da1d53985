import type { DeviceId } from '../cluster/cluster.ts';
import type { TensorId } from '../graph/graph.ts';
import type { Plan } from '../plan/plan.ts';
import type { PlacedStage } from './placed-stage.ts';

type Transfers = Plan['transfers'];

/** Whether `stage` waits for the one before it and for no other. */
export function readsOnly(stage: PlacedStage, before: PlacedStage): boolean {
  if (stage.readsOnlyFrom === before) return true;
  const { inputs } = stage.facts;
  const { outputs } = before.facts;
  let at = 0;
  for (const tensor of inputs) {
    while (at < outputs.length && outputs[at] !== tensor) at++;
    if (at === outputs.length) return false;
  }
  if (inputs.length > 0) stage.readsOnlyFrom = before;
  return inputs.length > 0;
}

/** Whether the transfers from `at` on bring all inputs of `to` in their order. */
export function areInputs(
  transfers: Transfers,
  at: number,
  from: DeviceId,
  { facts, deviceId }: PlacedStage,
): boolean {
  const { inputs } = facts;
  for (let input = 0; input < inputs.length; input++) {
    const transfer = transfers[at + input];
    if (transfer === undefined || transfer.tensor !== inputs[input]) return false;
    if (transfer.from !== from || transfer.to !== deviceId) return false;
  }
  return true;
}

/** Whether all transfers from `at` on bring what `last` yields to the sink. */
export function areAnswers(transfers: Transfers, at: number, last: PlacedStage, sink: DeviceId): boolean {
  for (let answer = at; answer < transfers.length; answer++) {
    const transfer = transfers[answer];
    if (transfer === undefined || transfer.from !== last.deviceId || transfer.to !== sink) return false;
    if (!isAmong(last.facts.outputs, transfer.tensor)) return false;
  }
  return true;
}

function isAmong(tensors: readonly TensorId[], wanted: TensorId): boolean {
  for (const tensor of tensors) if (tensor === wanted) return true;
  return false;
}
