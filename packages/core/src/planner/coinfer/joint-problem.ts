import type { Plan } from '../../plan/plan.ts';
import type { Problem } from '../../plan/problem.ts';
import type { Random } from '../../random.ts';
import type { LayeredProblem } from '../../search/layers/layered-problem.ts';
import type { Point, Space } from '../../search/optimise/space.ts';
import type { Pacer } from '../pacer.ts';
import { bestJoint, type JointEffort, type OuterSearch } from './best-joint.ts';
import { bestAlone } from './clock-choices.ts';
import { JointCosts } from './joint-costs.ts';
import { pricesOf } from './prices-of.ts';
import { runsOf } from './runs-of.ts';
import { segments } from './segments.ts';
import type { RunningPlan } from './suffix-search.ts';

/** COINFER's problem in a form that any search can take, so that others can be compared with COINFER's own on equal terms. */
export class JointProblem {
  /** A device for each unit, then a clock for each device that has a choice. */
  readonly space: Space;
  readonly units: number;
  readonly devices: number;
  readonly #costs: JointCosts;
  readonly #capacities: Float64Array;

  constructor(problem: Problem) {
    const chain = segments(problem);
    this.#costs = new JointCosts(chain, pricesOf(problem.objective));
    this.#capacities = Float64Array.from(chain.devices.keys(), (device) => chain.capacityBytes(device));
    this.units = chain.units.length;
    this.devices = chain.devices.length;
    this.space = [
      ...chain.units.map(() => ({ kind: 'choice', count: this.devices }) as const),
      ...this.#costs.clocked.map(
        ({ choices }) => ({ kind: 'range', low: 0, high: choices.length - 1, step: 1 }) as const,
      ),
    ];
  }

  /** How often a unit on a device was priced so far, by whatever search. */
  get priced(): number {
    return this.#costs.priced;
  }

  /** For searches on `layered`, which count for themselves. */
  count(priced: number): void {
    this.#costs.count(priced);
  }

  /** The joint cost of a point of `space`, whether or not it fits. */
  cost(point: Point): number {
    return this.#costs.value(point.slice(0, this.units), point.slice(this.units));
  }

  /** The sum over devices of what they need above what they have, as a share of that; 0 = it fits. */
  overload(point: Point): number {
    return this.#costs.overload(point.slice(0, this.units), this.#capacities);
  }

  /** Of each clocked device the choice that is best where the sum of time and energy is all that counts. */
  bestClocks(): readonly number[] {
    const { chain, clocked, prices } = this.#costs;
    return clocked.map(({ device, choices }) => {
      const row = chain.problem.cluster.devices[device];
      return row === undefined ? 0 : bestAlone(row, choices, prices);
    });
  }

  /** The point as plans say it: its stages, and clocks, which are the highest of devices that run nothing. */
  planned(point: Point): Pick<Plan, 'stages' | 'frequency'> & { readonly running: RunningPlan } {
    const { chain, clocked } = this.#costs;
    const bins = point.slice(0, this.units);
    const clocks = clocked.map(({ device, choices }, at) =>
      bins.includes(device) ? (point[this.units + at] ?? 0) : choices.length - 1,
    );
    const frequency = this.#costs.frequency(clocks, bins);
    return {
      stages: chain.stages(runsOf(bins)),
      ...(frequency === undefined ? {} : { frequency }),
      running: { bins, clocks },
    };
  }

  /** The placement alone, at clocks that are given. */
  layered(clocks: readonly number[]): LayeredProblem {
    return this.#costs.layered(clocks, this.#capacities);
  }

  /** COINFER's own search; null where it finds nothing that fits. */
  async coinfer(
    outer: OuterSearch,
    effort: JointEffort,
    random: Random,
    pacer: Pacer,
  ): Promise<Point | null> {
    const joint = await bestJoint(this.#costs, this.#capacities, outer, random, pacer, effort);
    return joint === null ? null : [...joint.bins, ...joint.clocks];
  }
}
