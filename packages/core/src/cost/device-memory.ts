import type { DeviceId } from '../cluster/cluster.ts';
import type { Graph, TensorId } from '../graph/graph.ts';
import { peakActivation } from '../graph/peak-activation.ts';
import { parameterBytesOf, stageBoundary } from '../graph/stage-boundary.ts';
import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { type Bytes, bytes } from '../units.ts';

export interface DeviceMemory {
  readonly parameterBytes: Bytes;
  readonly activationBytes: Bytes;
  readonly overheadBytes: Bytes;
  /** The sum of the three. */
  readonly memoryBytes: Bytes;
}

/**
 * What a device needs at most: the distinct parameters of all its stages, which stay loaded, the runtime's overhead, and the
 * largest stage's activations beside every tensor that the device's other stages receive or give away (resident parameters).
 */
export function deviceMemory(problem: Problem, plan: Pick<Plan, 'stages'>, device: DeviceId): DeviceMemory {
  const stages = plan.stages.filter((stage) => stage.device === device).map(({ nodes }) => nodes);
  const parameters = parameterBytesOf(problem.graph, stages.flat());
  const activations = activationBytes(problem, stages, device);
  const overhead = problem.cluster.devices.find(({ id }) => id === device)?.overheadBytes ?? bytes(0);
  return {
    parameterBytes: parameters,
    activationBytes: activations,
    overheadBytes: overhead,
    memoryBytes: bytes(parameters + activations + overhead),
  };
}

function activationBytes(problem: Problem, stages: readonly (readonly number[])[], device: DeviceId): Bytes {
  const { graph } = problem;
  const own = stages.map((nodes) => {
    const { inputs, outputs } = stageBoundary(graph, nodes);
    return new Set([...inputs, ...outputs]);
  });
  const held = new Set(passing(problem, device));
  for (const boundary of own) for (const tensor of boundary) held.add(tensor);
  let most = tensorBytes(graph, held, new Set());
  for (const [index, nodes] of stages.entries()) {
    const beside = tensorBytes(graph, held, own[index] ?? new Set());
    most = Math.max(most, peakActivation(graph, nodes) + beside);
  }
  return bytes(most);
}

/** Graph inputs that enter at the device and graph outputs that are wanted there. */
function* passing({ graph, workload }: Problem, device: DeviceId): Generator<TensorId> {
  if (device === workload.source) yield* graph.inputs;
  if (device === workload.sink) yield* graph.outputs;
}

function tensorBytes(graph: Graph, tensors: Iterable<TensorId>, except: ReadonlySet<TensorId>): number {
  let sum = 0;
  for (const tensor of tensors) if (!except.has(tensor)) sum += graph.tensors[tensor]?.bytes ?? 0;
  return sum;
}
