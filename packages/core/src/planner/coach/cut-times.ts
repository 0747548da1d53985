import { type CostTables, costTables, linkIndex, occupiedSeconds } from '../../cost/cost-tables.ts';
import type { NodeId, TensorId } from '../../graph/graph.ts';
import type { Problem } from '../../plan/problem.ts';
import type { DevicePair } from '../two-stage-costs.ts';
import { type CoachForm, coachScore } from './coach-score.ts';
import type { CrossingCodecs } from './crossing-codecs.ts';

/** What a cut between two devices adds up to. */
export interface CutTimes {
  /** Σ compute before and behind the cut. */
  readonly first: number;
  readonly second: number;
  /** Tensors that must go from the first device to the second, ascending. */
  readonly crossing: readonly TensorId[];
}

/** Sums of times of cuts between two devices, as if nothing overlapped within a request. */
export class CutMeter {
  readonly #problem: Problem;
  readonly #pair: DevicePair;
  readonly #tables: CostTables;
  readonly #codecs: CrossingCodecs;

  constructor(problem: Problem, pair: DevicePair, codecs: CrossingCodecs) {
    this.#problem = problem;
    this.#pair = pair;
    this.#tables = costTables(problem);
    this.#codecs = codecs;
  }

  /** O(V + E). */
  measure(nodes: readonly NodeId[]): CutTimes {
    const { graph, workload } = this.#problem;
    const before = new Set(nodes);
    const isWanted = workload.sink === this.#pair.second;
    const crossing = graph.tensors.filter(
      ({ id, producer, consumers }) =>
        (producer === 'input' || before.has(producer)) &&
        (consumers.some((node) => !before.has(node)) || (isWanted && graph.outputs.includes(id))),
    );
    let [first, second] = [0, 0];
    for (const { id } of graph.nodes) {
      if (before.has(id)) first += this.#seconds(this.#pair.first, id);
      else second += this.#seconds(this.#pair.second, id);
    }
    return { first, second, crossing: crossing.map(({ id }) => id) };
  }

  /** How long the link is busy when each tensor takes the option at this position; endless where raw input must stay. */
  transferSeconds(crossing: readonly TensorId[], chosen: readonly number[]): number {
    const { first, second } = this.#pair;
    const link = this.#tables.transfer.links[linkIndex(this.#tables.transfer, first, second)];
    if (crossing.length > 0 && link === undefined) return Number.POSITIVE_INFINITY;
    let sum = 0;
    for (const [at, tensor] of crossing.entries()) {
      const size = this.#codecs.of(tensor)[chosen[at] ?? 0]?.bytes ?? 0;
      if (this.#mustStay(tensor)) return Number.POSITIVE_INFINITY;
      if (link !== undefined) sum += occupiedSeconds(link, size);
    }
    return sum;
  }

  score(form: CoachForm, times: CutTimes, chosen: readonly number[]): readonly number[] {
    const { first, second, crossing } = times;
    const transfer = this.transferSeconds(crossing, chosen);
    const bytes = crossing.reduce(
      (sum, tensor, at) => sum + (this.#codecs.of(tensor)[chosen[at] ?? 0]?.bytes ?? 0),
      0,
    );
    const none = { parallelTransfer: 0, parallelSecond: 0 };
    return coachScore(form, { first, transfer, second, ...none, latency: first + transfer + second, bytes });
  }

  /** How much longer a node takes before the cut than behind it. */
  gain(node: NodeId): number {
    return this.#seconds(this.#pair.first, node) - this.#seconds(this.#pair.second, node);
  }

  #mustStay(tensor: TensorId): boolean {
    const { graph, constraints } = this.#problem;
    return constraints.neverLeaveRawInput && graph.tensors[tensor]?.producer === 'input';
  }

  #seconds(device: string, node: NodeId): number {
    const { compute } = this.#tables;
    return compute.seconds[compute.devices.indexOf(device)]?.[node] ?? 0;
  }
}
