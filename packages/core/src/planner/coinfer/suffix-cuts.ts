import type { DeviceId } from '../../cluster/cluster.ts';
import type { Plan, Stage } from '../../plan/plan.ts';
import type { Problem } from '../../plan/problem.ts';
import { bytesPerSecond } from '../../units.ts';
import { ChainCosts } from '../chain/chain-costs.ts';
import { JointCosts } from './joint-costs.ts';
import { pricesOf } from './prices-of.ts';
import { runsOf } from './runs-of.ts';
import { SuffixSearch } from './suffix-search.ts';

/** Where requests of a plan go on after a loss. */
export interface StagesLeft {
  /** The first stage that has to run (again); all behind it have to. */
  readonly first: number;
  /** Who holds what is before it; null = the gateway, which keeps inputs. */
  readonly holder: DeviceId | null;
  /** Where each stage is by now; a stage on a device that is not alive has to go elsewhere. */
  readonly devices: readonly DeviceId[];
  /** Stages that have just gone to their device, and are only being loaded. */
  readonly moved: ReadonlySet<number>;
  readonly alive: ReadonlySet<DeviceId>;
  /** Stages that other devices had loaded, in case their own is lost. @default none */
  readonly standBys?: ReadonlyMap<number, DeviceId>;
}

/** Stages that were lost, cut anew. */
export interface SuffixCut {
  /** Of each stage that was lost, its pieces in the plan's order. */
  readonly pieces: ReadonlyMap<number, readonly Stage[]>;
}

/** As `C4` counts where a device does not say; weights come from the gateway or from a device's own disk. */
const loading = bytesPerSecond(100e6);
const mostUnits = 72;
/** Cutting anew means sessions beside those that the next requests need anyway: it has to answer a tenth sooner. */
const enough = 0.9;

/**
 * Cuts stages that lost their device anew, by COINFER's inner search over what is left of a request: its progress, who holds that, the
 * memory beside the plan, and which weights are where. Stages whose device lives stay as they are, because their segments do.
 */
export class SuffixCuts {
  readonly #chain: ChainCosts;
  readonly #search: SuffixSearch;
  readonly #ends: readonly number[];

  private constructor(plan: Plan, chain: ChainCosts, ends: readonly number[]) {
    const { problem } = chain;
    this.#chain = chain;
    this.#ends = ends;
    const devices = plan.stages.map(({ device }) => device);
    const running = { bins: this.#binsOf(devices), clocks: clocksOf(plan, chain) };
    this.#search = new SuffixSearch(problem, running, loading, chain);
  }

  /** Null where a stage is no run along the chain of the network, or the plan runs requests in several ways: such stages stay whole. */
  static of(problem: Problem, plan: Plan): SuffixCuts | null {
    const isPlain = plan.mix === undefined && plan.stages.every(({ replicas }) => replicas === undefined);
    const stages = plan.stages.map(({ nodes }) => nodes);
    const within = isPlain ? ChainCosts.within(problem, stages, mostUnits) : null;
    return within === null ? null : new SuffixCuts(plan, within.costs, within.ends);
  }

  /** Null where nothing fits, or nothing answers sooner than the stages where they have gone. */
  cut({ first, holder, devices, moved, alive, standBys = new Map() }: StagesLeft): SuffixCut | null {
    const search = this.#search;
    const bins = this.#binsOf(devices);
    search.settle(bins, new Set([...moved].flatMap((stage) => this.#unitsOf(stage))));
    for (const [stage, device] of standBys)
      for (const unit of this.#unitsOf(stage)) search.standBy(unit, this.#chain.devices.indexOf(device));
    const lost = new Set([...this.#chain.devices.keys()].filter((at) => !this.#isIn(alive, at)));
    const holds = holder === null ? this.#gateway(first, lost) : this.#chain.devices.indexOf(holder);
    const progress = { done: this.#firstUnit(first), holder: holds, lost, stays: true };
    const found = search.search(progress);
    if (found === null) return null;
    const { answered } = search.runs(progress, found);
    const whole = bins.slice(progress.done);
    const isWhole = whole.every((bin) => !lost.has(bin));
    if (isWhole && answered > enough * search.runs(progress, whole).answered) return null;
    const pieces = new Map<number, readonly Stage[]>();
    for (const stage of devices.keys()) {
      const isLost = moved.has(stage) || !alive.has(devices[stage] ?? '');
      if (stage >= first && isLost) pieces.set(stage, this.#piecesOf(stage, found, progress.done));
    }
    return { pieces };
  }

  /** It hands inputs to the source, and copies to whoever needs them, which is what a lost holder stands for. */
  #gateway(first: number, lost: ReadonlySet<number>): number {
    const [gone] = lost;
    const { source } = this.#chain.index;
    return first === 0 ? source : (gone ?? source);
  }

  #isIn(alive: ReadonlySet<DeviceId>, at: number): boolean {
    return alive.has(this.#chain.devices[at] ?? '');
  }

  #binsOf(devices: readonly DeviceId[]): number[] {
    return devices.flatMap((device, stage) =>
      this.#unitsOf(stage).map(() => this.#chain.devices.indexOf(device)),
    );
  }

  #firstUnit(stage: number): number {
    return this.#ends[stage - 1] ?? 0;
  }

  #unitsOf(stage: number): number[] {
    const first = this.#firstUnit(stage);
    return Array.from({ length: (this.#ends[stage] ?? first) - first }, (_, at) => first + at);
  }

  #piecesOf(stage: number, found: readonly number[], done: number): Stage[] {
    const units = this.#unitsOf(stage);
    const [first = 0] = units;
    const runs = runsOf(units.map((unit) => found[unit - done] ?? 0));
    return this.#chain.stages(
      runs.map((run) => ({ ...run, first: first + run.first, end: first + run.end })),
    );
  }
}

/** The plan's clocks as positions among each device's choices. */
function clocksOf({ frequency = {} }: Plan, chain: ChainCosts): number[] {
  return new JointCosts(chain, pricesOf(chain.problem.objective)).clocked.map(({ device, choices }) => {
    const at = choices.findIndex((rate) => rate === frequency[chain.devices[device] ?? '']);
    return at < 0 ? choices.length - 1 : at;
  });
}
