import type { DeviceId } from '../cluster/cluster.ts';
import type { Tensor, TensorId } from '../graph/graph.ts';
import type { Stage, Transfer } from './plan.ts';
import type { Problem } from './problem.ts';
import type { TransferCodec } from './transfer-codec.ts';

/** One for all transfers: plans are frozen data. */
const raw: TransferCodec = { kind: 'raw' };

/**
 * The tensors that must cross between devices: (tensor, device) wherever a node on the device reads the tensor, or the device is
 * the sink of a graph output, and the tensor arises elsewhere. Graph inputs arise at the workload's source. In the order in which
 * the stages need them; what only the sink wants comes last. Nodes in no stage count as absent.
 */
export function transfersOf(problem: Problem, stages: readonly Stage[]): Transfer[] {
  return transfersAmong(problem, problem.graph.tensors, stages, stageOfNodes(problem, stages));
}

/** Position of its stage for each node; -1 for a node in none. */
export function stageOfNodes(problem: Problem, stages: readonly Stage[]): Int32Array {
  const stageOf = new Int32Array(problem.graph.nodes.length).fill(-1);
  for (const [index, stage] of stages.entries()) for (const node of stage.nodes) stageOf[node] = index;
  return stageOf;
}

/** `transfersOf` when only `tensors` can cross. */
export function transfersAmong(
  problem: Problem,
  tensors: Iterable<Tensor>,
  stages: readonly Stage[],
  stageOf: Int32Array,
): Transfer[] {
  const placed: { readonly transfer: Transfer; readonly need: number }[] = [];
  for (const tensor of tensors) {
    const from = originOf(problem, tensor, stages, stageOf);
    if (from === null || staysOn(from, problem, tensor, stages, stageOf)) continue;
    for (const [to, need] of needsOf(problem, tensor, stages, stageOf)) {
      if (to !== from) placed.push({ transfer: { tensor: tensor.id, from, to, codec: raw }, need });
    }
  }
  return placed.sort((left, right) => left.need - right.need).map(({ transfer }) => transfer);
}

/** Most tensors do. */
function staysOn(
  device: DeviceId,
  problem: Problem,
  { id, consumers }: Tensor,
  stages: readonly Stage[],
  stageOf: Int32Array,
): boolean {
  for (const consumer of consumers) {
    const other = stages[stageOf[consumer] ?? -1]?.device;
    if (other !== undefined && other !== device) return false;
  }
  return device === problem.workload.sink || !isOutput(problem, id);
}

function originOf(
  problem: Problem,
  tensor: Tensor,
  stages: readonly Stage[],
  stageOf: Int32Array,
): DeviceId | null {
  if (tensor.producer === 'input') return problem.workload.source;
  return stages[stageOf[tensor.producer] ?? -1]?.device ?? null;
}

/** Each device that needs the tensor with the first of its stages that does. */
function needsOf(
  problem: Problem,
  tensor: Tensor,
  stages: readonly Stage[],
  stageOf: Int32Array,
): Map<DeviceId, number> {
  const needs = new Map<DeviceId, number>();
  for (const consumer of tensor.consumers) {
    const index = stageOf[consumer] ?? -1;
    const device = stages[index]?.device;
    if (device === undefined) continue;
    needs.set(device, Math.min(index, needs.get(device) ?? index));
  }
  const { sink } = problem.workload;
  if (isOutput(problem, tensor.id) && !needs.has(sink)) needs.set(sink, stages.length);
  return needs;
}

function isOutput(problem: Problem, tensor: TensorId): boolean {
  return problem.graph.outputs.includes(tensor);
}
