import type { Problem } from '../../plan/problem.ts';
import { cheapestPath } from '../../search/layers/cheapest-path.ts';
import { layeredFront } from '../../search/layers/layered-front.ts';
import type { LayeredProblem } from '../../search/layers/layered-problem.ts';
import { runSearch } from '../../search/paced-search.ts';
import { type BytesPerSecond, type Seconds, seconds } from '../../units.ts';
import type { ChainCosts } from '../chain/chain-costs.ts';
import { plannersEffort } from './best-joint.ts';
import { JointCosts } from './joint-costs.ts';
import { pricesOf } from './prices-of.ts';
import { segments } from './segments.ts';

/** A placement of COINFER's, as `JointProblem.coinfer` gives it: a device for each unit, then a choice for each clock. */
export interface RunningPlan {
  readonly bins: readonly number[];
  readonly clocks: readonly number[];
}

/** Where a request goes on. */
export interface Progress {
  /** Units that are done. */
  readonly done: number;
  /** The device, by position, that holds what they made; one that is gone stands for the gateway, which keeps inputs. */
  readonly holder: number;
  /** Devices, by position, that are gone. */
  readonly lost: ReadonlySet<number>;
  /** True: units whose device lives stay there. @default any may go elsewhere */
  readonly stays?: boolean;
}

const nobody: ReadonlySet<number> = new Set();

/** When a unit runs, from when the request goes on. */
export interface UnitRun {
  readonly unit: number;
  readonly device: number;
  /** Its inputs are there. */
  readonly arrives: Seconds;
  /** So are its weights. */
  readonly starts: Seconds;
  readonly ends: Seconds;
}

export interface SuffixRuns {
  readonly runs: readonly UnitRun[];
  /** The answer is where it is wanted. */
  readonly answered: Seconds;
}

/** Expansions of best first before a beam is taken instead, and that beam: less than a planner takes, because requests wait. */
const expansions = 64;
const beam = plannersEffort.trialBeam;

/**
 * Of a unit's weights on a device: there for the plan, there because they stood by when their device was lost, on their way there (the
 * memory is taken by all three), there in case another device is lost, or not there.
 */
const [own, ready, coming, copy, absent] = [4, 3, 2, 1, 0] as const;
const takesMemory = (state: number | undefined): boolean => state !== copy && state !== absent;

/**
 * COINFER's inner search for requests that have come half of their way: from the device that holds what is done, on devices that are left,
 * at the clocks of the plan, with the memory beside what is resident. Units whose weights are not on a device have to be loaded there,
 * which counts as work. What does not depend on the loss is worked out with the plan.
 */
export class SuffixSearch {
  readonly #chain: ChainCosts;
  readonly #costs: JointCosts;
  readonly #layered: LayeredProblem;
  readonly #loading: BytesPerSecond;
  /** [unit × devices + device]: whether its weights are there, and how. */
  readonly #resident: Uint8Array;
  /** [device][units before], at the clocks of the plan. */
  readonly #sums: readonly Float64Array[];

  /** `loading` = how fast a device reads weights that it keeps. */
  constructor(
    problem: Problem,
    plan: RunningPlan,
    loading: BytesPerSecond,
    chain: ChainCosts = segments(problem),
  ) {
    this.#chain = chain;
    this.#costs = new JointCosts(this.#chain, pricesOf(problem.objective));
    this.#loading = loading;
    const capacities = Float64Array.from(this.#chain.devices.keys(), (device) =>
      this.#chain.capacityBytes(device),
    );
    this.#layered = this.#costs.layered(plan.clocks, capacities);
    this.#resident = new Uint8Array(this.#layered.layers * this.#layered.bins);
    this.settle(plan.bins, nobody);
    this.#sums = sumsAt(this.#costs, plan.clocks);
  }

  /** The plan's units are on these devices from now on, and nowhere else; the weights of `loading` ones are still on their way. */
  settle(bins: readonly number[], loading: ReadonlySet<number>): void {
    this.#resident.fill(absent);
    for (const [unit, device] of bins.entries())
      this.#resident[unit * this.#layered.bins + device] = loading.has(unit) ? coming : own;
  }

  /** Weights of a unit are on another device, too, in case its own is lost, or were before it went there. */
  standBy(unit: number, device: number): void {
    const cell = unit * this.#layered.bins + device;
    const state = this.#resident[cell];
    if (state === absent) this.#resident[cell] = copy;
    if (state === coming) this.#resident[cell] = ready;
  }

  get source(): number {
    return this.#chain.index.source;
  }

  /** A device for each unit that is left; null where nothing fits beside what the plan keeps there. */
  search(progress: Progress): readonly number[] | null {
    return this.#placed(this.#leftOf(progress));
  }

  /** How the units that are left run there, when weights begin to be loaded as soon as the placement is known. */
  runs(
    { done, holder, lost = nobody }: Pick<Progress, 'done' | 'holder'> & Partial<Pick<Progress, 'lost'>>,
    bins: readonly number[],
  ): SuffixRuns {
    const { bins: devices } = this.#layered;
    const loaded = new Float64Array(devices);
    const runs: UnitRun[] = [];
    let [at, from] = [0, holder];
    for (const [offset, device] of bins.entries()) {
      const unit = done + offset;
      const arrives = at + this.crossingSeconds(unit, lost.has(from) ? device : from, device);
      const isThere = this.#isThere(unit * devices + device);
      loaded[device] = (loaded[device] ?? 0) + (isThere ? 0 : this.#loadSeconds(unit));
      const starts = isThere ? arrives : Math.max(arrives, loaded[device] ?? 0);
      const sums = this.#sums[device];
      at = starts + (sums?.[unit + 1] ?? 0) - (sums?.[unit] ?? 0);
      runs.push({ unit, device, arrives: seconds(arrives), starts: seconds(starts), ends: seconds(at) });
      from = device;
    }
    const { units, index } = this.#chain;
    const back = lost.has(index.sink) ? 0 : this.crossingSeconds(units.length, from, index.sink);
    return { runs, answered: seconds(at + back) };
  }

  /** For what is in front of a unit, or for the answer, from one device to another. */
  crossingSeconds(position: number, from: number, to: number): number {
    const { occupiedSeconds, delaySeconds } = this.#chain.crossingTime(position, from, to);
    return occupiedSeconds + delaySeconds;
  }

  #isThere(cell: number): boolean {
    return this.#resident[cell] !== coming && this.#resident[cell] !== absent;
  }

  #placed(left: LayeredProblem): readonly number[] | null {
    if (left.layers === 0) return [];
    const exact = runSearch(cheapestPath(left, { maximumExpansions: expansions }));
    if (exact.complete) return exact.path?.bins ?? null;
    return runSearch(layeredFront(left, { beam })).paths[0]?.bins ?? null;
  }

  /** The layers that are left. Copies give way where other weights are to be loaded. */
  #leftOf({ done, holder, lost, stays = false }: Progress): LayeredProblem {
    const { bins, layers, work, moves, sums, peaks, leaving } = this.#layered;
    const { second } = this.#costs.prices;
    const left = (values: Float64Array): Float64Array => values.slice(done * bins);
    const [ownWork, ownSums] = [left(work), left(sums)];
    const settled = stays ? this.#settled(lost) : nobody;
    for (let cell = 0; cell < ownWork.length; cell++) {
      const [state, unit] = [this.#resident[done * bins + cell], done + Math.floor(cell / bins)];
      if (takesMemory(state)) ownSums[cell] = 0;
      if (!this.#isThere(done * bins + cell))
        ownWork[cell] = (ownWork[cell] ?? 0) + second * this.#loadSeconds(unit);
      const isElsewhere = settled.has(unit) && state !== own;
      if (lost.has(cell % bins) || isElsewhere) ownWork[cell] = Number.POSITIVE_INFINITY;
    }
    const zeros = (): Float64Array => new Float64Array(bins);
    return {
      ...this.#layered,
      layers: layers - done,
      work: ownWork,
      moves: moves.slice(done * bins * bins),
      entering: lost.has(holder) ? zeros() : this.#enteringFrom(done, holder),
      leaving: lost.has(this.#chain.index.sink) ? zeros() : leaving,
      sums: ownSums,
      peaks: left(peaks),
      capacities: this.#freeBytes(),
    };
  }

  /** Units whose own device lives. */
  #settled(lost: ReadonlySet<number>): ReadonlySet<number> {
    const { bins } = this.#layered;
    const units = new Set<number>();
    for (const [cell, state] of this.#resident.entries())
      if (state === own && !lost.has(cell % bins)) units.add(Math.floor(cell / bins));
    return units;
  }

  #enteringFrom(done: number, holder: number): Float64Array {
    const { bins, moves, entering } = this.#layered;
    if (done === 0) return entering;
    const row = ((done - 1) * bins + holder) * bins;
    return moves.slice(row, row + bins);
  }

  /** Beside what the plan keeps there. */
  #freeBytes(): Float64Array {
    const { bins, sums, capacities } = this.#layered;
    const free = Float64Array.from(capacities);
    for (const [cell, state] of this.#resident.entries())
      if (takesMemory(state)) free[cell % bins] = Math.max(0, (free[cell % bins] ?? 0) - (sums[cell] ?? 0));
    return free;
  }

  #loadSeconds(unit: number): number {
    return this.#chain.parameterBytes(unit) / this.#loading;
  }
}

/** [device][units before]: seconds at the clocks. */
function sumsAt({ chain, clocked }: JointCosts, clocks: readonly number[]): readonly Float64Array[] {
  return chain.devices.map((_, device) => {
    const at = clocked.findIndex((row) => row.device === device);
    const rate = clocked[at]?.choices[clocks[at] ?? 0];
    return rate === undefined ? chain.secondsAtHighest(device) : chain.secondsAt(device, rate);
  });
}
