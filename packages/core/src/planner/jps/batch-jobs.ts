import { BatchClock, type BatchState, type PlacedWay, wayPlacer } from '../../cost/batch-clock.ts';
import { linkIndex, occupiedSeconds } from '../../cost/cost-tables.ts';
import { type ProblemIndex, problemIndex } from '../../cost/problem-index.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Problem } from '../../plan/problem.ts';
import { transferBytes } from '../../plan/transfer-codec.ts';
import type { SequenceProblem } from '../../search/best-sequence.ts';
import type { TwoStepJob } from '../../search/flow-shop.ts';
import type { DevicePair } from '../two-stage-costs.ts';

/** How the first device's time and the link's are weighed, device first, for lower bounds. */
const deviceShares = [0, 1 / 8, 1 / 4, 3 / 8, 1 / 2, 5 / 8, 3 / 4, 7 / 8, 1] as const;

/** Requests of a batch as jobs on the devices and links that any of some plans uses: when each is free, and last when all has ended. */
export class BatchJobs {
  readonly #clock: BatchClock;
  readonly #ways: readonly PlacedWay[];
  /** Resources that no way uses are left out of states. */
  readonly #used: readonly number[];
  /** Positions in states of the first device and the link, -1 where no way uses it. */
  readonly #head: number;
  readonly #wire: number;
  /** By share of `deviceShares`: the least that a request adds to the weighed sum of both. */
  readonly #least: readonly number[];

  /** `plans` set no clocks and run between the devices of `pair`. */
  constructor(problem: Problem, pair: DevicePair, plans: readonly Plan[]) {
    const index = problemIndex(problem);
    const place = wayPlacer(index);
    this.#clock = new BatchClock(index);
    this.#ways = plans.map((plan) => place(plan));
    const idle = this.#clock.idle();
    const ends = this.#ways.map((way) => this.#clock.after(idle, way).free);
    this.#used = [...idle.free.keys()].filter((resource) => ends.some((free) => (free[resource] ?? 0) > 0));
    this.#head = this.#used.indexOf(index.devices.get(pair.first) ?? -1);
    this.#wire = this.#used.indexOf(index.devices.size + linkIndex(index.transfer, pair.first, pair.second));
    const loads = this.#ways.map((way) => loadOf(index, pair, way));
    this.#least = deviceShares.map((share) =>
      Math.min(...loads.map(({ first, second }) => share * first + (1 - share) * second)),
    );
  }

  /** When requests have ended that take the plans at these positions. */
  endSeconds(order: readonly number[]): number {
    return this.#clock.endSeconds(this.#ways, order, order.length, 0);
  }

  /** To find the best order of `jobs` requests, of those that end before `before`. */
  sequences(jobs: number, before: number): SequenceProblem {
    const idle = this.#clock.idle();
    return {
      jobs,
      options: this.#ways.length,
      start: this.#stateOf(idle),
      after: (state, option) => {
        const way = this.#ways[option];
        return way === undefined ? state : this.#stateOf(this.#clock.after(this.#batchOf(state, idle), way));
      },
      atLeast: (state, left) => this.#atLeast(state, left),
      before,
    };
  }

  /** Both the device and the link end no later than all: so does any mean of the two, to which each request adds its part. */
  #atLeast(state: readonly number[], left: number): number {
    const [head, wire] = [state[this.#head] ?? 0, state[this.#wire] ?? 0];
    let least = Math.max(...state);
    for (const [at, share] of deviceShares.entries())
      least = Math.max(least, share * head + (1 - share) * wire + left * (this.#least[at] ?? 0));
    // The same sums in another order may differ by rounding; what is as good as the best must not be thought worse.
    return least * (1 - 1e-12);
  }

  #stateOf({ free, endSeconds }: BatchState): number[] {
    return [...this.#used.map((resource) => free[resource] ?? 0), endSeconds];
  }

  #batchOf(state: readonly number[], idle: BatchState): BatchState {
    const free = [...idle.free];
    for (const [at, resource] of this.#used.entries()) free[resource] = state[at] ?? 0;
    return { free, endSeconds: state.at(-1) ?? 0 };
  }
}

/** For how long a request occupies the first device and the link to the second. */
function loadOf(
  { problem, transfer, devices }: ProblemIndex,
  { first, second }: DevicePair,
  { stages, transfers }: PlacedWay,
): TwoStepJob {
  const link = transfer.links[linkIndex(transfer, first, second)];
  const sent = transfers.filter(({ from, to }) => from === first && to === second);
  const own = stages.filter(({ device }) => device === devices.get(first));
  return {
    first: own.reduce((sum, stage) => sum + stage.occupiedSeconds, 0),
    second: sent.reduce((sum, { tensor, codec }) => {
      const row = problem.graph.tensors[tensor];
      return link === undefined || row === undefined
        ? sum
        : sum + occupiedSeconds(link, transferBytes(row, codec));
    }, 0),
  };
}
