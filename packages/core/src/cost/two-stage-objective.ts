import type { DeviceId } from '../cluster/cluster.ts';
import { InvalidInputError, UnsupportedError } from '../errors.ts';
import type { Cut } from '../graph/graph.ts';
import type { Plan } from '../plan/plan.ts';
import { type PlainFigure, type Problem, requestsOf } from '../plan/problem.ts';
import { objectiveFigure } from './objective-value.ts';
import { type TracedFigures, tracedFigures } from './traced-figures.ts';
import { field, stride, twoStageRows } from './two-stage-rows.ts';

/** `first` runs what is before a cut, `second` the rest; two different devices. */
export interface TwoStagePair {
  readonly first: DeviceId;
  readonly second: DeviceId;
}

/**
 * The figures of plans that cut a graph once between two devices, by position in a list of cuts, without memory: what `evaluate`
 * says to a relative 1e-9, and some thousand times sooner. Everything that a cut adds up to (compute by prefix sums, bytes by link,
 * watts) is summed once; a call adds ten numbers, allocates nothing and takes constant time.
 *
 * The schedule is the list schedule written out: raw inputs go to both devices at once; `first` runs when its inputs are there; the
 * boundary follows on the link in the wake of the raw inputs; `second` runs when all it reads is there; answers go to the sink.
 * Building it costs O(V) for each cut. Where a link follows a trace, building prices each cut with `evaluate`, and a call looks it up.
 */
export class TwoStageObjective {
  /** How many cuts there are. */
  readonly count: number;
  readonly #rows: Float64Array;
  readonly #terms: Readonly<Record<PlainFigure, number>>;
  readonly #requests: number;
  /** By cut, where the rate of a link changes in the course of time: no closed form covers that. */
  readonly #traced: TracedFigures | null;

  /**
   * Throws InvalidInputError on an unknown device, a device paired with itself, and an objective that asks for an energy which is
   * not known; UnsupportedError when a graph input is an answer as well and wanted elsewhere.
   */
  constructor(problem: Problem, cuts: readonly Cut[], pair: TwoStagePair, frequency?: Plan['frequency']) {
    this.count = cuts.length;
    this.#requests = requestsOf(problem.workload);
    this.#terms = termsOf(problem);
    checkPair(problem, pair);
    this.#rows = twoStageRows(problem, cuts, pair, frequency);
    this.#traced = tracedFigures(problem, cuts, pair, frequency);
    const known = cuts.every((_cut, index) => !Number.isNaN(this.#at(index * stride + field.idleWatts)));
    if (known || this.#terms.energyJoules === 0) return;
    throw new InvalidInputError(
      `the energy of plans on '${pair.first}' and '${pair.second}' is asked for and not known`,
      'State `power` for every device that may take part, or choose another objective.',
    );
  }

  /** `objectiveValue` of the plan that cuts at position `cut`; of a lexicographic objective, its first figure. */
  value(cut: number): number {
    const { latencySeconds, periodSeconds, makespanSeconds, energyJoules } = this.#terms;
    const latency = this.latencySeconds(cut);
    if (latency === Number.POSITIVE_INFINITY) return latency;
    let sum = latencySeconds * latency;
    if (periodSeconds > 0) sum += periodSeconds * this.periodSeconds(cut);
    if (makespanSeconds > 0) sum += makespanSeconds * this.#makespan(latency, cut);
    if (energyJoules > 0) sum += energyJoules * this.#energy(latency, cut);
    return sum;
  }

  latencySeconds(cut: number): number {
    if (this.#traced !== null) return this.#traced.latencySeconds[cut] ?? 0;
    const row = cut * stride;
    const rawFirst = this.#at(row + field.rawFirst);
    const rawSecond = this.#at(row + field.rawSecond);
    const firstEnd = Math.max(0, rawFirst + this.#at(row + field.rawFirstDelay)) + this.#at(row + field.head);
    const crossEnd = Math.max(firstEnd, this.#at(row + field.beforeCross)) + this.#at(row + field.cross);
    const secondStart = Math.max(
      0,
      rawSecond + this.#at(row + field.rawSecondDelay),
      crossEnd + this.#at(row + field.crossDelay),
    );
    const secondEnd = secondStart + this.#at(row + field.tail);
    const firstOut = this.#at(row + field.outFirst) + this.#at(row + field.outFirstDelay);
    const secondOut = this.#at(row + field.outSecond) + this.#at(row + field.outSecondDelay);
    const secondOutStart = Math.max(secondEnd, this.#at(row + field.beforeOut));
    const firstOutStart = this.#at(row + field.outFollowsCross) > 0 ? crossEnd : firstEnd;
    return Math.max(firstEnd, secondEnd, firstOutStart + firstOut, secondOutStart + secondOut);
  }

  /** max over devices and links of how long one request occupies them. */
  periodSeconds(cut: number): number {
    const row = cut * stride;
    return Math.max(this.#at(row + field.head), this.#at(row + field.tail), this.#at(row + field.linkBusy));
  }

  /** Of the workload's requests. */
  makespanSeconds(cut: number): number {
    return this.#makespan(this.latencySeconds(cut), cut);
  }

  /** Of one request; NaN when a device that takes part does not state its power, Infinity when the request never ends. */
  energyJoules(cut: number): number {
    return this.#energy(this.latencySeconds(cut), cut);
  }

  #makespan(latency: number, cut: number): number {
    return this.#requests === 1 ? latency : latency + (this.#requests - 1) * this.periodSeconds(cut);
  }

  #energy(latency: number, cut: number): number {
    if (latency === Number.POSITIVE_INFINITY) return latency;
    if (this.#traced !== null) return this.#traced.energyJoules[cut] ?? 0;
    const row = cut * stride;
    return this.#at(row + field.busyJoules) + this.#at(row + field.idleWatts) * latency;
  }

  #at(index: number): number {
    return this.#rows[index] ?? 0;
  }
}

/** What one unit of each figure counts. */
function termsOf({ objective }: Problem): Record<PlainFigure, number> {
  const terms = { latencySeconds: 0, periodSeconds: 0, makespanSeconds: 0, energyJoules: 0 };
  if (objective.kind === 'weighted') {
    for (const { figure, weight, reference } of objective.terms) terms[figure] += weight / reference;
    return terms;
  }
  const figure = objectiveFigure(objective);
  if (figure !== 'weighted') terms[figure] = 1;
  return terms;
}

function checkPair({ graph, cluster, workload }: Problem, { first, second }: TwoStagePair): void {
  for (const id of [first, second]) {
    if (cluster.devices.some((device) => device.id === id)) continue;
    throw new InvalidInputError(
      `the device '${id}' is not in the cluster '${cluster.name}'`,
      'Name devices of the cluster.',
    );
  }
  if (first === second)
    throw new InvalidInputError(`'${first}' is paired with itself`, 'Name two different devices.');
  if (workload.source === workload.sink || !graph.inputs.some((input) => graph.outputs.includes(input)))
    return;
  throw new UnsupportedError(
    `an input of '${graph.name}' is also an answer that '${workload.sink}' waits for`,
    'Price such plans with `evaluate`.',
  );
}
