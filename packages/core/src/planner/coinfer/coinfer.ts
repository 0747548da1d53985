import { compareByObjective, objectiveValue } from '../../cost/objective-value.ts';
import type { Report } from '../../cost/report.ts';
import type { Plan, Stage } from '../../plan/plan.ts';
import { planOf } from '../../plan/plan-of.ts';
import type { Problem } from '../../plan/problem.ts';
import { canAssignChain } from '../../search/chain/chain-problem.ts';
import { seconds } from '../../units.ts';
import { ChainCosts } from '../chain/chain-costs.ts';
import { deviceKinds } from '../chain/device-kinds.ts';
import { chainOfRuns, fastestRuns } from '../chain/fastest-runs.ts';
import { ClosestMiss } from '../closest-miss.ts';
import { explainedPlan } from '../explained-plan.ts';
import { figuresOf } from '../objective-support.ts';
import { createPacer, type Pacer } from '../pacer.ts';
import { placementText, samePlacement } from '../placement-text.ts';
import type { Planner, PlannerContext, PlanResult } from '../planner.ts';
import { supportsServers } from '../server-pairs.ts';
import { bestJoint, type OuterSearch } from './best-joint.ts';
import { JointCosts } from './joint-costs.ts';
import { pricesOf } from './prices-of.ts';
import { runsOf } from './runs-of.ts';
import { segments } from './segments.ts';

/** Plans that turn out to need more memory than the search saw make it try again with less. */
const mostTries = 8;

/** From this try on, what a device lacks is taken from all: a placement that avoids one device lacks as much on the next. */
const triesOneByOne = 4;

const paper = 'COINFER (as its abstract and published program describe it)';

/**
 * Segments of the chain on any devices, in any order and again after others, with clock rates where they are a choice and energy
 * counts: minimises the weighted sum of time and energy. Differs from the published program in that the input is at the source and the answer wanted at
 * the sink, that a slower clock takes longer, that what is searched is what is reported, and that a device remembers all its segments: their parameters add up and the
 * largest activations count once. Where the objective looks at the period, or nothing else fits, the best assignment of runs is a candidate too.
 */
export const coinfer: Planner = plannerOf('coinfer', 'local');

/** The same with COINFER's outer loop: a Parzen estimator proposes clocks, and each proposal is placed anew. */
export const coinferTpe: Planner = plannerOf('coinfer-tpe', 'parzen');

function plannerOf(name: string, outer: OuterSearch): Planner {
  return {
    name,
    paper,
    supports: supportsServers,
    plan: async (problem, context) => {
      const started = context.clock.now();
      const evaluated = context.evaluator.evaluations;
      const pacer = createPacer(context);
      await pacer();
      const search = new CoinferSearch(name, problem, context, pacer);
      const found = await search.best(outer);
      const spent = {
        evaluations: context.evaluator.evaluations - evaluated,
        planningSeconds: seconds(Math.max(0, context.clock.now() - started)),
      };
      if (typeof found === 'string') return { kind: 'infeasible', reason: found, ...spent };
      return { kind: 'plan', plan: found, ...spent } satisfies PlanResult;
    },
  };
}

interface Priced {
  readonly plan: Plan;
  readonly report: Report;
}

class CoinferSearch {
  readonly #name: string;
  readonly #problem: Problem;
  readonly #context: PlannerContext;
  readonly #pacer: Pacer;
  readonly #chain: ChainCosts;
  readonly #misses: ClosestMiss;
  readonly #feasible: Priced[] = [];

  constructor(name: string, problem: Problem, context: PlannerContext, pacer: Pacer) {
    this.#name = name;
    this.#problem = problem;
    this.#context = context;
    this.#pacer = pacer;
    this.#chain = segments(problem);
    this.#misses = new ClosestMiss(problem);
  }

  /** The explained plan, or why there is none. */
  async best(outer: OuterSearch): Promise<Plan | string> {
    await this.#tryJoint(outer);
    const looksAtPace = figuresOf(this.#problem.objective).some(
      (figure) => figure !== 'latencySeconds' && figure !== 'energyJoules',
    );
    if (looksAtPace || this.#feasible.length === 0) await this.#tryRuns();
    const { objective } = this.#problem;
    const [best, second] = this.#feasible.sort((left, right) =>
      compareByObjective(objective, left.report, right.report),
    );
    if (best === undefined)
      return this.#misses.count === 0
        ? `No placement of ${this.#chain.units.length} segments fits the devices and links.`
        : this.#misses.reason();
    const runnerUp =
      second === undefined || samePlacement(second.plan, best.plan)
        ? null
        : {
            name: placementText(this.#problem, second.plan),
            value: objectiveValue(objective, second.report),
          };
    return explainedPlan(this.#problem, best.plan, best.report, runnerUp);
  }

  async #tryJoint(outer: OuterSearch): Promise<void> {
    const costs = new JointCosts(this.#chain, pricesOf(this.#problem.objective));
    const capacities = Float64Array.from(this.#chain.devices.keys(), (device) =>
      this.#chain.capacityBytes(device),
    );
    const random = this.#context.random.split('clocks');
    const { clock, endsAt = Number.POSITIVE_INFINITY } = this.#context;
    const effort = { isLate: () => clock.now() > endsAt };
    for (let attempt = 0; attempt < mostTries; attempt++) {
      const joint = await bestJoint(costs, capacities, outer, random, this.#pacer, effort);
      if (joint === null) return;
      const runs = runsOf(joint.bins);
      const report = this.#price(this.#chain.stages(runs), costs.frequency(joint.clocks, joint.bins));
      if (report.violations.length === 0) return;
      const everywhere = attempt + 1 >= triesOneByOne;
      if (!tighten(this.#problem, capacities, costs.needs(joint.bins), report, everywhere)) return;
    }
  }

  async #tryRuns(): Promise<void> {
    const chain = chainOfRuns(this.#problem);
    const counts = deviceKinds(chain, [...chain.devices.keys()]).map(({ length }) => length);
    if (!canAssignChain({ units: chain.units.length, counts })) return;
    const runs = await fastestRuns(chain, this.#pacer);
    if (runs !== null) this.#price(runs.stages, undefined);
  }

  #price(stages: readonly Stage[], frequency: Plan['frequency']): Report {
    const options = frequency === undefined ? {} : { frequency };
    const plan = planOf(this.#problem, this.#context.problemDigest, stages, this.#name, options);
    const report = this.#context.evaluator.evaluate(plan);
    if (report.violations.length === 0) this.#feasible.push({ plan, report });
    else this.#misses.add(plan, report);
    return report;
  }
}

/**
 * Lowers the capacities of devices of which `report` says that they need more than they have by what the search miscounted (`counted` is
 * what it thought), so that it does not find the same again; or all by the most that one has to go down. False where memory is not what was violated.
 */
function tighten(
  { cluster }: Problem,
  capacities: Float64Array,
  counted: Float64Array,
  report: Report,
  everywhere: boolean,
): boolean {
  let most = 0;
  const lower = (device: number, to: number): void => {
    most = Math.max(most, (capacities[device] ?? 0) - to);
    if (!everywhere) capacities[device] = Math.max(0, to);
  };
  const needs = report.devices.map((row) => {
    const device = cluster.devices.findIndex(({ id }) => id === row.device);
    return { device, need: row.memoryBytes, host: cluster.devices[device]?.host };
  });
  for (const { device, need, host } of needs) {
    const shared = cluster.hosts.find(({ id }) => id === host)?.memoryBytes ?? 0;
    const own = Math.min(cluster.devices[device]?.memoryBytes ?? 0, shared);
    if (need > own) lower(device, own - (need - (counted[device] ?? 0)));
  }
  for (const { id, memoryBytes } of cluster.hosts) {
    const own = needs.filter(({ host }) => host === id).sort((left, right) => right.need - left.need);
    const largest = own[0];
    const excess = own.reduce((sum, { need }) => sum + need, 0) - memoryBytes;
    if (largest === undefined || own.length < 2 || !(excess > 0)) continue;
    lower(largest.device, Math.min(capacities[largest.device] ?? 0, largest.need) - excess);
  }
  for (const device of everywhere ? capacities.keys() : [])
    capacities[device] = Math.max(0, (capacities[device] ?? 0) - most);
  return most > 0;
}
