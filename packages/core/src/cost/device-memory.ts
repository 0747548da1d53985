import type { DeviceId } from '../cluster/cluster.ts';
import type { Plan } from '../plan/plan.ts';
import { type Problem, requestsOf } from '../plan/problem.ts';
import { type Bytes, bytes } from '../units.ts';
import { type ProblemIndex, problemIndex } from './problem-index.ts';
import { type StageFacts, stageFacts } from './stage-facts.ts';

/** What a device holds at its peak, by kind. */
export interface DeviceMemory {
  /** Resident: of all its stages. Transient: of the stage at whose run the device needs most. */
  readonly parameterBytes: Bytes;
  /** Of the stage that needs most when it runs (`stageActivation`), and what waits beside it; `retainedBytes` is a part of this. */
  readonly activationBytes: Bytes;
  /** Tensors that wait, while that stage runs, for other stages of the device, for a link or for the sink. */
  readonly retainedBytes: Bytes;
  /** Tensors of the other requests of a batch: at most one set of all that crosses the stages' borders for each. */
  readonly queueBytes: Bytes;
  readonly overheadBytes: Bytes;
  /** The larger of parameters + activations + queue + overhead and `loadPeakBytes`. */
  readonly memoryBytes: Bytes;
  /**
   * While the last stage is loaded, beside the others: overhead, parameters and what the model runtime rewrites of them
   * (`rewrittenBytes`). Mapped weight files, from which agents load, are not counted: the system can drop them.
   */
  readonly loadPeakBytes: Bytes;
}

/** A stage on a device. */
export interface MemoryUser {
  /** Position in the cluster. */
  readonly device: number;
  readonly facts: StageFacts;
  /** How many requests it executes at once; null = one. */
  readonly together: { readonly requests: number } | null;
  /** What the device needs when this is its only stage, once somebody has asked. */
  memoryAlone: DeviceMemory | null;
}

/** What `device` needs at most for its stages of `plan`; `MemoryCounter` is faster for many plans. */
export function deviceMemory(problem: Problem, plan: Pick<Plan, 'stages'>, device: DeviceId): DeviceMemory {
  const index = problemIndex(problem);
  const position = index.devices.get(device) ?? -1;
  const own = plan.stages.filter((stage) => stage.device === device);
  const stages = own.map(({ nodes, batch: together }) => ({
    device: position,
    facts: stageFacts(problem.graph, nodes),
    together: together === undefined ? null : { requests: together },
    memoryAlone: null,
  }));
  return new MemoryCounter(index).of(position, stages);
}

/**
 * What devices need at most. Parameters by `constraints.memory`: 'resident' counts the distinct ones of all its stages, which
 * stay loaded; 'transient' those of a stage only while it runs. Beside a stage's own activations, every tensor that the
 * device's other stages receive or give away is held. A stage that executes requests together needs its activations once for each of
 * them, and so do all tensors that wait there.
 */
export class MemoryCounter {
  readonly #index: ProblemIndex;
  readonly #isResident: boolean;
  readonly #waitingRequests: number;
  readonly #tensors: DistinctBytes;
  readonly #parameters: DistinctBytes;

  constructor(index: ProblemIndex) {
    this.#index = index;
    this.#isResident = index.problem.constraints.memory === 'resident';
    this.#waitingRequests = requestsOf(index.problem.workload) - 1;
    this.#tensors = new DistinctBytes(index.tensorBytes);
    this.#parameters = new DistinctBytes(index.parameterBytes);
  }

  /** `stages` are the plan's, on this device (at position `device`) and on others. */
  of(device: number, stages: readonly MemoryUser[]): DeviceMemory {
    let only: MemoryUser | null = null;
    let count = 0;
    for (const stage of stages) {
      if (stage.device !== device) continue;
      only = stage;
      count++;
    }
    if (only === null || count > 1) return this.#count(device, stages);
    only.memoryAlone ??= Object.freeze(this.#count(device, stages));
    return only.memoryAlone;
  }

  #count(device: number, stages: readonly MemoryUser[]): DeviceMemory {
    const waiting = this.#heldBytes(device, stages);
    const held = waiting * mostTogether(device, stages);
    const loaded = this.#loadedBytes(device, stages);
    const resident = this.#isResident ? loaded : 0;
    let peak = { parameters: resident, activations: held, retained: held };
    let loading = 0;
    for (const stage of stages) {
      if (stage.device !== device) continue;
      const { facts, together } = stage;
      const parameters = this.#isResident ? loaded : facts.parameterBytes;
      const requests = together?.requests ?? 1;
      const retained = held - requests * facts.boundaryBytes;
      const activations = requests * facts.activationBytes + retained;
      if (parameters + activations > peak.parameters + peak.activations)
        peak = { parameters, activations, retained };
      // Stages are loaded one after the other, in no promised order.
      loading = Math.max(loading, parameters + facts.rewrittenBytes);
    }
    const overhead = this.#index.problem.cluster.devices[device]?.overheadBytes ?? 0;
    const queue = waiting * this.#waitingRequests;
    const running = peak.parameters + peak.activations + queue + overhead;
    return {
      parameterBytes: bytes(peak.parameters),
      activationBytes: bytes(peak.activations),
      retainedBytes: bytes(peak.retained),
      queueBytes: bytes(queue),
      overheadBytes: bytes(overhead),
      memoryBytes: bytes(Math.max(running, overhead + loading)),
      loadPeakBytes: bytes(overhead + loading),
    };
  }

  /** All that the stages exchange, and what enters at the device or is wanted there. */
  #heldBytes(device: number, stages: readonly MemoryUser[]): number {
    const { problem, source, sink } = this.#index;
    this.#tensors.reset();
    if (device === source) this.#tensors.add(problem.graph.inputs);
    if (device === sink) this.#tensors.add(problem.graph.outputs);
    for (const stage of stages) {
      if (stage.device !== device) continue;
      this.#tensors.add(stage.facts.inputs);
      this.#tensors.add(stage.facts.outputs);
    }
    return this.#tensors.bytes;
  }

  #loadedBytes(device: number, stages: readonly MemoryUser[]): number {
    this.#parameters.reset();
    for (const stage of stages) if (stage.device === device) this.#parameters.add(stage.facts.parameters);
    return this.#parameters.bytes;
  }
}

function mostTogether(device: number, stages: readonly MemoryUser[]): number {
  let most = 1;
  for (const stage of stages)
    if (stage.device === device && stage.together !== null) most = Math.max(most, stage.together.requests);
  return most;
}

/** Sums the sizes of rows, each once however often it is added. */
class DistinctBytes {
  bytes = 0;
  readonly #sizes: readonly number[];
  /** By row: the round in which it was added last. */
  readonly #seen: Uint32Array;
  #round = 0;

  constructor(sizes: readonly number[]) {
    this.#sizes = sizes;
    this.#seen = new Uint32Array(sizes.length);
  }

  reset(): void {
    this.bytes = 0;
    this.#round++;
    if (this.#round < 2 ** 32) return;
    this.#seen.fill(0);
    this.#round = 1;
  }

  add(rows: readonly number[]): void {
    for (const row of rows) {
      if (this.#seen[row] === this.#round) continue;
      this.#seen[row] = this.#round;
      this.bytes += this.#sizes[row] ?? 0;
    }
  }
}
