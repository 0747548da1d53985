import type { DeviceId } from '../cluster/cluster.ts';
import type { TensorId } from '../graph/graph.ts';
import type { Plan } from '../plan/plan.ts';
import type { PlacedStage } from './placed-stage.ts';
import type { ProblemIndex } from './problem-index.ts';

type Transfers = Plan['transfers'];

/**
 * Whether the stages hand a request on like a baton: each reads what the one before it yields and nothing else, the first what enters the
 * graph; what crosses for a stage is listed stage by stage, tensors ascending, and behind that only what the last stage sends to the
 * sink, as `planOf` lists it. Then each stage waits for all before it, and what crosses for one stage is ready at the same moment and
 * takes the same link, and nothing waits for a batch: no two tasks ever compete in another way than by their turn in the list, so every schedule that wastes no time
 * runs them one after the other.
 */
export function isRelay(
  { problem, source }: ProblemIndex,
  transfers: Transfers,
  stages: readonly PlacedStage[],
): boolean {
  const { graph, workload } = problem;
  const first = stages[0];
  if (first === undefined || source < 0) return false;
  for (const tensor of first.facts.inputs) if (graph.tensors[tensor]?.producer !== 'input') return false;
  for (const { together } of stages) if (together !== null) return false;
  let at = first.device === source ? 0 : behindCrossing(transfers, 0, workload.source, first);
  let last = first;
  for (let stage = 1; stage < stages.length && at >= 0; stage++) {
    const next = stages[stage];
    if (next === undefined || !readsOnly(next, last)) return false;
    if (next.device !== last.device) at = behindCrossing(transfers, at, last.deviceId, next);
    last = next;
  }
  return at >= 0 && areAnswers(transfers, at, last, workload.sink);
}

/** Whether `stage` waits for the one before it and for no other. */
function readsOnly(stage: PlacedStage, before: PlacedStage): boolean {
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

/** Behind the transfers from `at` on that bring all inputs of `to` in their order; -1 where these are others. */
function behindCrossing(
  transfers: Transfers,
  at: number,
  from: DeviceId,
  { facts, deviceId }: PlacedStage,
): number {
  const { inputs } = facts;
  for (let input = 0; input < inputs.length; input++) {
    const transfer = transfers[at + input];
    if (transfer === undefined || transfer.tensor !== inputs[input]) return -1;
    if (transfer.from !== from || transfer.to !== deviceId) return -1;
  }
  return at + inputs.length;
}

/** Whether all transfers from `at` on bring what `last` yields to the sink. */
function areAnswers(transfers: Transfers, at: number, last: PlacedStage, sink: DeviceId): boolean {
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
