import type { DeviceId } from '../cluster/cluster.ts';
import type { NodeId } from '../graph/graph.ts';
import { planLoss } from '../plan/accuracy.ts';
import type { Plan } from '../plan/plan.ts';
import { hasReplicas, type PlanWays, planWays } from '../plan/plan-ways.ts';
import { type Problem, requestsOf } from '../plan/problem.ts';
import { leastCertain } from '../profile/node-seconds.ts';
import type { Source } from '../profile/profile.ts';
import { bytes, type Seconds, seconds } from '../units.ts';
import { BatchClock } from './batch-clock.ts';
import { BatchedStages, shareOfRequest } from './batched-stage.ts';
import { computeTable } from './cost-tables.ts';
import { MemoryCounter } from './device-memory.ts';
import { energyOf } from './energy.ts';
import { mixReport } from './mix-report.ts';
import { OverlapMeter } from './overlap.ts';
import { PartakerFinder } from './partakers.ts';
import { type PlacedStage, placedStages, stageFactsMemo, type Together } from './placed-stage.ts';
import { unknownDevice } from './plan-tasks.ts';
import { type Expected, PolicyPricer, unansweredExits, withHeadMemory } from './policy-pricer.ts';
import { type Draw, drawOf } from './power.ts';
import { mixPeriod, type PricedWay } from './priced-way.ts';
import { type ProblemIndex, problemIndex } from './problem-index.ts';
import type { Report, ReportedBatch, StageReport, TransferReport } from './report.ts';
import { RequestSchedule } from './request-schedule.ts';
import { deviceReports, hostReports, linkReports, peakMemory } from './resource-reports.ts';
import type { ResourceUses } from './resource-uses.ts';
import { sizedList } from './sized-list.ts';
import { addRouteFaults, addViolations } from './violations-of.ts';
import { withThreads } from './with-threads.ts';

/** The cost model of one problem, as planners see it; counts how many plans it priced. */
export interface Evaluator {
  evaluate(plan: Plan): Report;
  readonly evaluations: number;
}

/** What `plan` costs; see `createEvaluator`, which is faster for many plans of one problem. */
export function evaluate(problem: Problem, plan: Plan): Report {
  return createEvaluator(problem).evaluate(plan);
}

/**
 * Prices plans by a list schedule of one request over exclusive devices and links: a device runs its
 * ready stages in the plan's order; a link sends tensors in the order in which they arise. A tensor occupies its link for
 * perMessage + bytes above its burst / rate and is there half a round trip later: what travels does not hold up what follows, so `busySeconds`
 * and the period leave the half round trip out. Latency is when everything has ended. The request enters at second 0 of every trace:
 * a link whose rate changes sends each tensor at the rates from its start on.
 *
 * A plan whose requests run in several ways (`planWays`: a mix, replicas) is priced way by way, its makespan by scheduling the requests one after the other (`BatchClock`).
 *
 * The plan is taken to be valid (`validatePlan`); InvalidInputError is thrown where it cannot be followed: an unknown device, a
 * tensor that never arrives, stages that wait for each other.
 *
 * A plan with policies is priced in expectation: the same schedule for every number of bits that its precision policy may choose, in
 * which a request that leaves at an exit does what comes before the exit. What a request that leaves spares is spared: its stages,
 * transfers and energy; a device's pace counts the requests that reach it. Constraints hold the request that takes longest.
 *
 * A stage with a batch is priced as full batches run it: a request is there when its batch is done and has waited for it as long as the
 * plan lets it, while paces, busy times and energy count the request's part. A stream that fills no batch takes up to what the stage takes alone.
 *
 * What a stage takes and needs is computed once for each set of nodes, and of each batch; a plan of known stages costs time that grows with its
 * stages, transfers and their boundaries, not with the graph.
 */
export function createEvaluator(problem: Problem): Evaluator {
  const pricer = new PlanPricer(problem);
  let evaluations = 0;
  return {
    evaluate: (plan) => {
      evaluations++;
      return pricer.price(plan);
    },
    get evaluations() {
      return evaluations;
    },
  };
}

/** What depends on the clocks that a plan sets. */
interface Clocked {
  readonly stage: (nodes: readonly NodeId[], device: number) => PlacedStage;
  /** By position in the cluster. */
  readonly draws: readonly (Draw | null)[];
}

/** A search over frequencies asks for many placements at each. */
const mostClockings = 16;

class PlanPricer {
  readonly #index: ProblemIndex;
  readonly #schedule: RequestSchedule;
  readonly #memory: MemoryCounter;
  readonly #overlap: OverlapMeter;
  readonly #policies: PolicyPricer;
  readonly #partakers: PartakerFinder;
  readonly #facts: ReturnType<typeof stageFactsMemo>;
  readonly #batched: BatchedStages;
  readonly #clockings = new Map<string, Clocked>();
  readonly #threadings = new Map<string, Clocked['stage']>();
  #fastest: Clocked | null = null;

  constructor(problem: Problem) {
    this.#index = problemIndex(problem);
    this.#schedule = new RequestSchedule(this.#index);
    this.#memory = new MemoryCounter(this.#index);
    this.#overlap = new OverlapMeter(this.#index);
    this.#policies = new PolicyPricer(this.#index);
    this.#partakers = new PartakerFinder(this.#index);
    this.#facts = stageFactsMemo(problem.graph);
    this.#batched = new BatchedStages(problem);
  }

  price(plan: Plan): Report {
    if (plan.mix === undefined && !hasReplicas(plan.stages)) return this.#priceOne(plan);
    return this.#priceWays(planWays(this.#index.problem, plan));
  }

  #priceOne(plan: Plan): Report {
    const clocked = this.#clocked(plan.frequency);
    const stages = this.#stages(plan, clocked);
    const schedule = this.#schedule;
    const { policies } = plan;
    if (policies !== undefined) {
      const expected = this.#policies.price({ ...plan, policies }, stages, schedule);
      return this.#report(plan, expected.stages, clocked.draws, expected.uses, expected);
    }
    schedule.run(plan, stages);
    return this.#report(plan, stages, clocked.draws, schedule.uses, null);
  }

  #report(
    plan: Plan,
    stages: readonly PlacedStage[],
    draws: readonly (Draw | null)[],
    uses: ResourceUses,
    expected: Expected | null,
  ): Report {
    const index = this.#index;
    const schedule = this.#schedule;
    const { latencySeconds, periodSeconds } = uses;
    const partakers = this.#partakers.of(uses);
    const energy = energyOf(index, draws, partakers.devices, uses);
    const alone = deviceReports(index, stages, partakers.devices, uses, this.#memory, energy);
    const devices = expected === null ? alone : withHeadMemory(alone, expected);
    const hosts = hostReports(index, partakers, devices);
    const peakMemoryBytes = peakMemory(devices);
    const accuracyLoss = planLoss(index.problem, plan);
    const source = sourceOf(stages);
    const stageRows = stageReports(stages, schedule, latencySeconds);
    const transfers = transferReports(plan, schedule);
    const links = linkReports(index, uses);
    const overlap = expected === null ? this.#overlap.of(schedule, stages, uses) : null;
    const longest = expected?.uses.worstLatencySeconds ?? latencySeconds;
    const violations: string[] = [];
    const report: Report = {
      latencySeconds: seconds(latencySeconds),
      periodSeconds: seconds(periodSeconds),
      makespanSeconds: makespan(latencySeconds, periodSeconds, requestsOf(index.problem.workload)),
      energyJoules: energy.known ? energy.energyJoules : null,
      energyUnknown: energy.known ? null : energy.reason,
      bytesSent: bytes(uses.bytesSent),
      accuracyLoss,
      peakMemoryBytes,
      source,
      stages: stageRows,
      transfers,
      devices,
      hosts,
      links,
      overlap,
      violations,
    };
    addViolations(violations, index, plan.transfers, schedule, partakers, report, longest);
    if (expected === null) return report;
    violations.push(...unansweredExits(index, expected));
    return { ...report, expectation: expected.report };
  }

  #priceWays({ ways: plans, pattern }: PlanWays): Report {
    const index = this.#index;
    const counts = plans.map((_, at) => pattern.filter((entry) => entry === at).length);
    const ways = plans.map((way, at) => this.#priceWay(way, counts[at] ?? 0));
    const end = new BatchClock(index).endSeconds(
      ways.map(oneByOne),
      pattern,
      requestsOf(index.problem.workload),
      mixPeriod(ways),
    );
    return mixReport(index, this.#memory, ways, seconds(end));
  }

  #priceWay(plan: Plan, requests: number): PricedWay {
    const report = this.#priceOne(plan);
    const routeFaults: string[] = [];
    addRouteFaults(routeFaults, this.#index, plan.transfers, this.#schedule, report.latencySeconds);
    return {
      requests,
      transfers: plan.transfers,
      stages: this.#stages(plan, this.#clocked(plan.frequency)),
      report,
      paced: this.#schedule.uses.pacedSeconds(),
      routeFaults,
    };
  }

  #stages({ stages, frequency }: Plan, { stage }: Clocked): PlacedStage[] {
    const placed = sizedList<PlacedStage>(stages.length);
    for (let at = 0; at < stages.length; at++) {
      const row = stages[at] ?? { device: '', nodes: [] };
      const position = this.#position(row.device);
      const own = row.threads === undefined ? stage : this.#threaded(position, row.threads, frequency, stage);
      const alone = own(row.nodes, position);
      placed[at] = row.batch === undefined ? alone : this.#batched.of(alone, row);
    }
    return placed;
  }

  /** Stages at a number of threads; at the device's own they are `usual`. */
  #threaded(
    position: number,
    threads: number,
    frequency: Plan['frequency'],
    usual: Clocked['stage'],
  ): Clocked['stage'] {
    const { problem } = this.#index;
    const device = problem.cluster.devices[position];
    if (device === undefined || device.threads === threads) return usual;
    const key = JSON.stringify([position, threads, keyOf(frequency)]);
    const known = this.#threadings.get(key);
    if (known !== undefined) return known;
    if (this.#threadings.size >= mostClockings) this.#threadings.clear();
    const table = computeTable(withThreads(problem, device.id, threads), frequency);
    const stage = placedStages(table, this.#facts, problem.graph.nodes.length);
    this.#threadings.set(key, stage);
    return stage;
  }

  #position(device: DeviceId): number {
    const position = this.#index.devices.get(device);
    if (position !== undefined) return position;
    throw unknownDevice([...this.#index.devices.keys()], device);
  }

  #clocked(frequency: Plan['frequency']): Clocked {
    if (frequency === undefined) {
      this.#fastest ??= this.#clockedAt(frequency);
      return this.#fastest;
    }
    const key = keyOf(frequency);
    const known = this.#clockings.get(key);
    if (known !== undefined) return known;
    if (this.#clockings.size >= mostClockings) this.#clockings.clear();
    const clocked = this.#clockedAt(frequency);
    this.#clockings.set(key, clocked);
    return clocked;
  }

  #clockedAt(frequency: Plan['frequency']): Clocked {
    const { problem } = this.#index;
    return {
      stage: placedStages(computeTable(problem, frequency), this.#facts, problem.graph.nodes.length),
      draws: problem.cluster.devices.map((device) => drawOf(device, frequency)),
    };
  }
}

const keyOf = (frequency: Plan['frequency']): string =>
  JSON.stringify(Object.entries(frequency ?? {}).sort(([left], [right]) => (left < right ? -1 : 1)));

/** As if a batch did its requests one after the other, each in its part of the batch's time. */
const oneByOne = (way: PricedWay): PricedWay => ({
  ...way,
  stages: way.stages.map((stage) => ({
    ...stage,
    occupiedSeconds: seconds(stage.occupiedSeconds * shareOfRequest(stage)),
  })),
});

/** Last finish of `requests` that are all there at the start, on a chain of exclusive resources: Σ d + (n − 1) max d. */
function makespan(latencySeconds: number, periodSeconds: number, requests: number): Seconds {
  return seconds(requests === 1 ? latencySeconds : latencySeconds + (requests - 1) * periodSeconds);
}

function sourceOf(stages: readonly PlacedStage[]): Source {
  let source: Source = stages[0]?.source ?? 'measured';
  for (let at = 1; at < stages.length; at++) {
    const own = stages[at]?.source ?? source;
    if (own !== source) source = leastCertain(source, own);
  }
  return source;
}

function withRest(together: Together, latencySeconds: number): ReportedBatch {
  return { ...together, restSeconds: seconds(Math.max(0, latencySeconds - together.waitSeconds)) };
}

function stageReports(
  stages: readonly PlacedStage[],
  { tasks }: RequestSchedule,
  latencySeconds: number,
): StageReport[] {
  const reports = sizedList<StageReport>(stages.length);
  for (let at = 0; at < stages.length; at++) {
    const stage = stages[at];
    if (stage === undefined) continue;
    const { startSeconds, endSeconds } = tasks.at(at);
    const report = {
      device: stage.deviceId,
      computeSeconds: stage.computeSeconds,
      loadSeconds: stage.loadSeconds,
      startSeconds: seconds(startSeconds),
      endSeconds: seconds(endSeconds),
      source: stage.source,
    };
    const { together } = stage;
    reports[at] = together === null ? report : { ...report, together: withRest(together, latencySeconds) };
  }
  return reports;
}

function transferReports({ stages, transfers }: Plan, { tasks }: RequestSchedule): TransferReport[] {
  const reports = sizedList<TransferReport>(transfers.length);
  for (let at = 0; at < transfers.length; at++) {
    const transfer = transfers[at];
    if (transfer === undefined) continue;
    const { tensor, from, to } = transfer;
    const { startSeconds, thereSeconds, bytes: size } = tasks.at(stages.length + at);
    reports[at] = {
      tensor,
      from,
      to,
      bytes: bytes(size),
      startSeconds: seconds(startSeconds),
      endSeconds: seconds(thereSeconds),
    };
  }
  return reports;
}
