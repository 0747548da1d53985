import type { DeviceId } from '../../cluster/cluster.ts';
import { type ComputeTable, computeTable, occupiedSeconds, stageTime } from '../../cost/cost-tables.ts';
import { linkBetween, type ProblemIndex, problemIndex } from '../../cost/problem-index.ts';
import type { NodeId, TensorId } from '../../graph/graph.ts';
import type { Stage } from '../../plan/plan.ts';
import { type Problem, requestsOf } from '../../plan/problem.ts';
import type { Hertz } from '../../units.ts';
import { chainUnits, crossingTensors, mergedUnits } from './chain-units.ts';
import { HeldBytes } from './held-bytes.ts';
import { UnitRuns } from './unit-runs.ts';

/** What crosses a link takes, and how long it is on the way after the link is free again; +∞ where no link leads there. */
export interface Crossing {
  readonly occupiedSeconds: number;
  readonly delaySeconds: number;
}

/** Several planners and bounds look at the same problem. */
const known = new WeakMap<Problem, Map<number, ChainCosts>>();

/**
 * A problem as a chain of units on devices, by position: what runs of units take and need, and what crosses in front of each, by the
 * definitions of `evaluate`.
 */
export class ChainCosts {
  readonly problem: Problem;
  readonly index: ProblemIndex;
  /** Ascending nodes each. */
  readonly units: readonly (readonly NodeId[])[];
  readonly devices: readonly DeviceId[];
  readonly #crossing: readonly (readonly TensorId[])[];
  readonly #runs: UnitRuns;
  readonly #boundary: HeldBytes;
  /** [device]: where requests enter inputs are held, where answers are wanted outputs. */
  readonly #held: readonly HeldBytes[];
  readonly #waitingRequests: number;
  readonly #table: ComputeTable;
  /** [device][units before]: seconds at the highest clock rate. */
  readonly #sums: readonly Float64Array[];

  /** Elements are taken together until there are at most `mostUnits` units. The same problem in as many units is worked out once. */
  static of(problem: Problem, mostUnits: number): ChainCosts {
    const units = chainUnits(problem.graph);
    const kept = known.get(problem) ?? new Map<number, ChainCosts>();
    known.set(problem, kept);
    const size = Math.min(mostUnits, units.length);
    let costs = kept.get(size);
    if (costs === undefined)
      kept.set(size, (costs = new ChainCosts(problem, mergedUnits(problem.graph, units, size))));
    return costs;
  }

  /**
   * Units within stages that follow each other along the chain, `mostUnits` in all about: so that stages can be cut anew. Null where a
   * stage is no run of the chain's units.
   */
  static within(
    problem: Problem,
    stages: readonly (readonly NodeId[])[],
    mostUnits: number,
  ): { readonly costs: ChainCosts; readonly ends: readonly number[] } | null {
    const stageOf = new Map(stages.flatMap((nodes, stage) => nodes.map((node) => [node, stage] as const)));
    const runs: (readonly NodeId[])[][] = stages.map(() => []);
    let last = 0;
    for (const unit of chainUnits(problem.graph)) {
      const stage = stageOf.get(unit[0] ?? -1) ?? -1;
      if (stage < last || unit.some((node) => stageOf.get(node) !== stage)) return null;
      runs[stage]?.push(unit);
      last = stage;
    }
    const most = Math.max(1, Math.floor(mostUnits / stages.length));
    const merged = runs.map((units) => mergedUnits(problem.graph, units, most));
    let end = 0;
    const ends = merged.map((units) => (end += units.length));
    return { costs: new ChainCosts(problem, merged.flat()), ends };
  }

  private constructor(problem: Problem, units: readonly (readonly NodeId[])[]) {
    const { graph, cluster, workload } = problem;
    this.problem = problem;
    this.index = problemIndex(problem);
    this.units = units;
    this.devices = cluster.devices.map(({ id }) => id);
    this.#crossing = crossingTensors(graph, this.units);
    this.#runs = new UnitRuns(graph, this.units);
    const { tensorBytes, source, sink } = this.index;
    this.#boundary = new HeldBytes(this.#crossing, [], tensorBytes);
    this.#held = this.devices.map((_, device) => {
      const always = [...(device === source ? graph.inputs : []), ...(device === sink ? graph.outputs : [])];
      return always.length === 0 ? this.#boundary : new HeldBytes(this.#crossing, always, tensorBytes);
    });
    this.#waitingRequests = requestsOf(workload) - 1;
    this.#table = computeTable(problem);
    this.#sums = this.#table.seconds.map((row) => this.#prefixSums(row));
  }

  /** [units before]: seconds of the device at a clock rate. */
  secondsAt(device: number, hertz: Hertz): Float64Array {
    const row = this.problem.cluster.devices[device];
    if (row === undefined) return new Float64Array(this.units.length + 1);
    const alone = { ...this.problem, cluster: { ...this.problem.cluster, devices: [row] } };
    return this.#prefixSums(computeTable(alone, { [row.id]: hertz }).seconds[0] ?? []);
  }

  /** The same at its highest. */
  secondsAtHighest(device: number): Float64Array {
    return this.#sums[device] ?? new Float64Array(this.units.length + 1);
  }

  /** How long units [first, end) occupy the device as one stage. */
  seconds(device: number, first: number, end: number): number {
    if ((this.#table.segments[device]?.size ?? 0) > 0)
      return stageTime(this.#table, device, this.nodes(first, end)).seconds;
    const sums = this.#sums[device];
    return sums === undefined ? 0 : (sums[end] ?? 0) - (sums[first] ?? 0);
  }

  nodes(first: number, end: number): NodeId[] {
    return this.units.slice(first, end).flat();
  }

  /** What the device needs when units [first, end) are all that it runs: as `MemoryCounter` counts it. */
  memoryBytes(device: number, first: number, end: number): number {
    const parameterBytes = this.#runs.parameterBytes(first, end);
    const activationBytes = this.#runs.activationBytes(first, end);
    const boundary = this.#boundary.of(first, end);
    const held = (this.#held[device] ?? this.#boundary).of(first, end);
    const overhead = this.problem.cluster.devices[device]?.overheadBytes ?? 0;
    const kept = this.problem.constraints.memory === 'resident' ? parameterBytes : 0;
    const activations = Math.max(parameterBytes + activationBytes + held - boundary, kept + held);
    const running = activations + held * this.#waitingRequests;
    return overhead + Math.max(running, parameterBytes + this.#runs.rewrittenBytes(first, end));
  }

  /** No run of units needs more there: where the device has it, no run needs a closer look. */
  mostBytes(device: number): number {
    const { overheadBytes = 0 } = this.problem.cluster.devices[device] ?? {};
    const held = (this.#held[device] ?? this.#boundary).most;
    const activations = this.#runs.most.activationBytes + held * (1 + this.#waitingRequests);
    return (
      overheadBytes + this.#runs.most.parameterBytes + Math.max(activations, this.#runs.most.rewrittenBytes)
    );
  }

  /** What any stage needs there that runs these units and perhaps others, beside other stages or not. */
  stageFloorBytes(device: number, first: number, end: number): number {
    const overhead = this.problem.cluster.devices[device]?.overheadBytes ?? 0;
    const activations = this.#runs.leastActivationBytes(first, end);
    const least = Math.max(activations, this.#runs.rewrittenBytes(first, end));
    return overhead + this.#runs.parameterBytes(first, end) + least;
  }

  parameterBytes(unit: number): number {
    return this.#runs.parameterBytes(unit, unit + 1);
  }

  capacityBytes(device: number): number {
    return this.problem.cluster.devices[device]?.memoryBytes ?? 0;
  }

  /** In front of unit `position`; 0 = the graph inputs, the last = the graph outputs. */
  crossing(position: number): readonly TensorId[] {
    return this.#crossing[position] ?? [];
  }

  /** Nothing between a device and itself. */
  crossingTime(position: number, from: number, to: number): Crossing {
    if (from === to) return { occupiedSeconds: 0, delaySeconds: 0 };
    const tensors = this.crossing(position);
    const link = this.index.transfer.links[linkBetween(this.index, from, to)];
    const isHeldBack = position === 0 && this.problem.constraints.neverLeaveRawInput;
    if (tensors.length === 0) return { occupiedSeconds: 0, delaySeconds: 0 };
    if (link === undefined || isHeldBack)
      return { occupiedSeconds: Number.POSITIVE_INFINITY, delaySeconds: 0 };
    const occupied = tensors.reduce(
      (sum, tensor) => sum + occupiedSeconds(link, this.index.tensorBytes[tensor] ?? 0),
      0,
    );
    return { occupiedSeconds: occupied, delaySeconds: link.delaySeconds };
  }

  /** The stages of runs on devices, by position, in the order of the chain. */
  stages(runs: readonly { device: number; first: number; end: number }[]): Stage[] {
    return runs.map(({ device, first, end }) => ({
      device: this.devices[device] ?? '',
      nodes: this.nodes(first, end).sort((left, right) => left - right),
    }));
  }

  #prefixSums(row: readonly number[]): Float64Array {
    const sums = new Float64Array(this.units.length + 1);
    for (const [unit, nodes] of this.units.entries())
      sums[unit + 1] = (sums[unit] ?? 0) + nodes.reduce((sum, node) => sum + (row[node] ?? 0), 0);
    return sums;
  }
}
