import type { DeviceId } from '../cluster/cluster.ts';
import { type CostTables, costTables, stageTime } from '../cost/cost-tables.ts';
import { energyOf } from '../cost/energy.ts';
import { type ListScheduler, listSchedule, type Task } from '../cost/list-schedule.ts';
import { type Figures, objectiveValue } from '../cost/objective-value.ts';
import { stageTask, transferTask } from '../cost/plan-tasks.ts';
import { type Draw, drawOf } from '../cost/power.ts';
import { type ProblemIndex, problemIndex } from '../cost/problem-index.ts';
import { ResourceUses } from '../cost/resource-uses.ts';
import type { Cut, NodeId, Tensor, TensorId } from '../graph/graph.ts';
import type { Stage, Transfer } from '../plan/plan.ts';
import { type CodecOf, transfersWith } from '../plan/plan-of.ts';
import { type Problem, requestsOf } from '../plan/problem.ts';
import { transferBytes } from '../plan/transfer-codec.ts';
import { transfersAmong } from '../plan/transfers-of.ts';
import { type Joules, seconds } from '../units.ts';
import { figuresOf } from './objective-support.ts';

/** `first` runs what is before a cut, `second` the rest; either may be empty. */
export interface DevicePair {
  readonly first: DeviceId;
  readonly second: DeviceId;
}

export interface TwoStageCost {
  /** What the problem's objective compares, the first first. */
  readonly objective: readonly number[];
  readonly latencySeconds: number;
  readonly bytesSent: number;
}

/**
 * Prices cuts between two devices as `evaluate` would (the same schedule, without memory), in time that grows with the cut's
 * boundary and not with the graph where the cut is a prefix of the graph's order: the compute times are prefix sums. On a device
 * with times of whole segments it grows with the graph, because the segment is looked up by its nodes.
 */
export class TwoStageCosts {
  readonly #problem: Problem;
  readonly #tables: CostTables;
  /** By device: sums of the first k nodes, k = 0 … V, and of the others. */
  readonly #before = new Map<DeviceId, Float64Array>();
  readonly #behind = new Map<DeviceId, Float64Array>();
  readonly #stageOf: Int32Array;
  readonly #ends: readonly TensorId[];
  readonly #asksEnergy: boolean;
  readonly #index: ProblemIndex;
  readonly #draws: readonly (Draw | null)[];
  readonly #uses: ResourceUses;

  constructor(problem: Problem) {
    this.#problem = problem;
    this.#tables = costTables(problem);
    this.#index = problemIndex(problem);
    this.#uses = new ResourceUses(this.#index);
    this.#draws = problem.cluster.devices.map((device) => drawOf(device, undefined));
    this.#stageOf = new Int32Array(problem.graph.nodes.length);
    this.#asksEnergy = figuresOf(problem.objective).includes('energyJoules');
    this.#ends = [...problem.graph.inputs, ...problem.graph.outputs];
    for (const [index, device] of this.#tables.compute.devices.entries()) {
      const times = this.#tables.compute.seconds[index] ?? [];
      this.#before.set(device, prefixSums(times));
      this.#behind.set(device, prefixSums([...times].reverse()).reverse());
    }
  }

  /**
   * What crosses travels as `codecOf` says, raw where that is absent. Throws InvalidInputError when the objective asks for an energy
   * that is not known.
   */
  cost(cut: Cut, pair: DevicePair, codecOf?: CodecOf): TwoStageCost {
    this.#place(cut.nodes);
    const transfers = transfersWith(codecOf, this.#transfers(cut, pair));
    const tasks = listSchedule(this.#tasks(cut, pair, transfers));
    const objective = this.#objective(cut, pair, tasks);
    return {
      objective,
      latencySeconds: this.#uses.latencySeconds,
      bytesSent: transfers.reduce((sum, transfer) => sum + this.#bytes(transfer), 0),
    };
  }

  #objective(cut: Cut, pair: DevicePair, tasks: ListScheduler): readonly number[] {
    const { objective, workload } = this.#problem;
    this.#uses.count(tasks);
    const { latencySeconds, periodSeconds } = this.#uses;
    if (objective.kind === 'latency') return [latencySeconds];
    const requests = requestsOf(workload);
    const figures: Figures = {
      latencySeconds: seconds(latencySeconds),
      periodSeconds: seconds(periodSeconds),
      makespanSeconds: seconds(
        requests === 1 ? latencySeconds : latencySeconds + (requests - 1) * periodSeconds,
      ),
      energyJoules: this.#asksEnergy ? this.#energy(cut, pair) : null,
    };
    if (objective.kind !== 'lexicographic') return [objectiveValue(objective, figures)];
    return objective.figures.map((figure) =>
      objectiveValue({ kind: 'lexicographic', figures: [figure] }, figures),
    );
  }

  /** Of what was counted last. */
  #energy(cut: Cut, pair: DevicePair): Joules | null {
    const { graph, workload, cluster } = this.#problem;
    const taking = new Set([workload.source, workload.sink]);
    if (cut.nodes.length > 0) taking.add(pair.first);
    if (cut.nodes.length < graph.nodes.length) taking.add(pair.second);
    const partakers = [...cluster.devices.keys()].filter((at) => taking.has(cluster.devices[at]?.id ?? ''));
    const energy = energyOf(this.#index, this.#draws, partakers, this.#uses);
    return energy.known ? energy.energyJoules : null;
  }

  #place(nodes: readonly NodeId[]): void {
    this.#stageOf.fill(1);
    for (const node of nodes) this.#stageOf[node] = 0;
  }

  #transfers(cut: Cut, pair: DevicePair): Transfer[] {
    const stages: Stage[] = [pair.first, pair.second].map((device) => ({ device, nodes: [] }));
    const tensors: Tensor[] = [];
    for (const id of new Set([...cut.boundary, ...this.#ends])) {
      const tensor = this.#tensor(id);
      if (tensor !== undefined) tensors.push(tensor);
    }
    tensors.sort((left, right) => left.id - right.id);
    return transfersAmong(this.#problem, tensors, stages, this.#stageOf);
  }

  #tasks(cut: Cut, { first, second }: DevicePair, transfers: readonly Transfer[]): Task[] {
    const stages = [first, second].map((device, stage) => {
      const after = [...transfers.keys()].filter((index) => this.#waits(transfers[index], stage, device));
      const compute = this.#computeSeconds(cut.nodes, device, stage);
      return stageTask(
        this.#tables,
        device,
        compute,
        after.map((index) => 2 + index),
      );
    });
    return [...stages, ...transfers.map((transfer) => this.#transferTask(transfer))];
  }

  #waits(transfer: Transfer | undefined, stage: number, device: DeviceId): boolean {
    if (transfer?.to !== device) return false;
    return this.#tensor(transfer.tensor)?.consumers.some((node) => this.#stageOf[node] === stage) ?? false;
  }

  #transferTask(transfer: Transfer): Task {
    const producer = this.#tensor(transfer.tensor)?.producer;
    const after = typeof producer === 'number' ? [this.#stageOf[producer] ?? 0] : [];
    return transferTask(this.#problem, this.#tables, transfer, after);
  }

  #computeSeconds(nodes: readonly NodeId[], device: DeviceId, stage: number): number {
    const { compute } = this.#tables;
    const index = compute.devices.indexOf(device);
    if ((compute.segments[index]?.size ?? 0) > 0)
      return stageTime(compute, index, stage === 0 ? nodes : this.#nodesBehind()).seconds;
    const count = nodes.length;
    const isPrefix = count === 0 || nodes[count - 1] === count - 1;
    if (isPrefix) return (stage === 0 ? this.#before : this.#behind).get(device)?.[count] ?? 0;
    const times = compute.seconds[index] ?? [];
    let sum = 0;
    for (const [node, time] of times.entries()) if (this.#stageOf[node] === stage) sum += time;
    return sum;
  }

  #nodesBehind(): NodeId[] {
    return [...this.#stageOf.keys()].filter((node) => this.#stageOf[node] === 1);
  }

  #bytes({ tensor, codec }: Transfer): number {
    const row = this.#tensor(tensor);
    return row === undefined ? 0 : transferBytes(row, codec);
  }

  #tensor(id: TensorId): Tensor | undefined {
    return this.#problem.graph.tensors[id];
  }
}

function prefixSums(values: readonly number[]): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (const [index, value] of values.entries()) sums[index + 1] = (sums[index] ?? 0) + value;
  return sums;
}
