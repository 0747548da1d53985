import type { DeviceId } from '../cluster/cluster.ts';
import type { Graph, TensorId } from '../graph/graph.ts';
import { peakActivation } from '../graph/peak-activation.ts';
import { parameterBytesOf, stageBoundary } from '../graph/stage-boundary.ts';
import type { Plan } from '../plan/plan.ts';
import { type Problem, requestsOf } from '../plan/problem.ts';
import { type Bytes, bytes } from '../units.ts';

/** What a device holds at its peak, by kind. */
export interface DeviceMemory {
  /** Resident: of all its stages. Transient: of the stage at whose run the device needs most. */
  readonly parameterBytes: Bytes;
  /** Live tensors and workspace of the stage that runs, and what waits beside it; `retainedBytes` is a part of this. */
  readonly activationBytes: Bytes;
  /** Tensors that wait, while that stage runs, for other stages of the device, for a link or for the sink. */
  readonly retainedBytes: Bytes;
  /** Tensors of the other requests of a batch: at most one set of all that crosses the stages' borders for each. */
  readonly queueBytes: Bytes;
  readonly overheadBytes: Bytes;
  /** parameters + activations + queue + overhead. */
  readonly memoryBytes: Bytes;
  /**
   * While the largest stage is loaded from a buffer, when its parameters exist twice. Not held against the device's memory: mapped
   * weight files, from which agents load, can be dropped by the system.
   */
  readonly loadPeakBytes: Bytes;
}

/** What a stage needs and exchanges while it runs. */
interface StageNeed {
  readonly parameterBytes: number;
  readonly peakBytes: number;
  /** What it receives and gives away. */
  readonly boundary: ReadonlySet<TensorId>;
}

function stageNeed(graph: Graph, nodes: readonly number[]): StageNeed {
  const { inputs, outputs } = stageBoundary(graph, nodes);
  return {
    parameterBytes: parameterBytesOf(graph, nodes),
    peakBytes: peakActivation(graph, nodes),
    boundary: new Set([...inputs, ...outputs]),
  };
}

/**
 * What a device needs at most. Parameters by `constraints.memory`: 'resident' counts the distinct ones of all its stages, which
 * stay loaded; 'transient' those of a stage only while it runs. Beside a stage's liveness peak, every tensor that the
 * device's other stages receive or give away is held.
 */
export function deviceMemory(problem: Problem, plan: Pick<Plan, 'stages'>, device: DeviceId): DeviceMemory {
  const { graph, cluster, constraints } = problem;
  const own = plan.stages.filter((stage) => stage.device === device).map(({ nodes }) => nodes);
  const needs = own.map((nodes) => stageNeed(graph, nodes));
  const resident = parameterBytesOf(graph, own.flat());
  const held = new Set(passing(problem, device));
  for (const { boundary } of needs) for (const tensor of boundary) held.add(tensor);
  const whole = tensorBytes(graph, held, new Set());
  const loaded = constraints.memory === 'resident' ? resident : 0;
  let peak = { parameters: loaded, activations: whole, retained: whole };
  for (const need of needs) {
    const retained = tensorBytes(graph, held, need.boundary);
    const parameters = constraints.memory === 'resident' ? resident : need.parameterBytes;
    const activations = need.peakBytes + retained;
    if (parameters + activations > peak.parameters + peak.activations)
      peak = { parameters, activations, retained };
  }
  const overhead = cluster.devices.find(({ id }) => id === device)?.overheadBytes ?? 0;
  const queue = whole * (requestsOf(problem.workload) - 1);
  const largest = needs.reduce((most, { parameterBytes }) => Math.max(most, parameterBytes), 0);
  return {
    parameterBytes: bytes(peak.parameters),
    activationBytes: bytes(peak.activations),
    retainedBytes: bytes(peak.retained),
    queueBytes: bytes(queue),
    overheadBytes: bytes(overhead),
    memoryBytes: bytes(peak.parameters + peak.activations + queue + overhead),
    loadPeakBytes: bytes(overhead + largest + (constraints.memory === 'resident' ? resident : largest)),
  };
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
