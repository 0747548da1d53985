import { InvalidInputError } from '../errors.ts';
import type { Plan, Stage } from '../plan/plan.ts';
import { type Problem, requestsOf } from '../plan/problem.ts';
import { leastCertain, type SourcedSeconds } from '../profile/node-seconds.ts';
import type { Source } from '../profile/profile.ts';
import { type Bytes, bytes, type Seconds, seconds } from '../units.ts';
import { type CostTables, costTables, stageTime } from './cost-tables.ts';
import { listSchedule, type Schedule } from './list-schedule.ts';
import { planTasks } from './plan-tasks.ts';
import type { Report, StageReport, TransferReport } from './report.ts';
import { resourceReports } from './resource-reports.ts';
import { violationsOf } from './violations-of.ts';

/** The cost model of one problem, as planners see it; counts how many plans it priced. */
export interface Evaluator {
  evaluate(plan: Plan): Report;
  readonly evaluations: number;
}

/** What `plan` costs; see `createEvaluator`, which is faster for many plans of one problem. */
export function evaluate(problem: Problem, plan: Plan): Report {
  return evaluateWith(problem, costTables(problem, plan.frequency), plan);
}

/**
 * Prices plans by a list schedule of one request over exclusive devices and links: a device runs its
 * ready stages in the plan's order; a link sends tensors in the order in which they arise. A tensor occupies its link for
 * perMessage + bytes / rate and is there half a round trip later: what travels does not hold up what follows, so `busySeconds`
 * and the period leave the half round trip out. Latency is when everything has ended.
 *
 * The plan is taken to be valid (`validatePlan`); InvalidInputError is thrown where it cannot be followed: an unknown device, a
 * tensor that never arrives, stages that wait for each other.
 */
export function createEvaluator(problem: Problem): Evaluator {
  const tables = tablesOf(problem);
  let evaluations = 0;
  return {
    evaluate: (plan) => {
      evaluations++;
      return evaluateWith(problem, tables(plan.frequency), plan);
    },
    get evaluations() {
      return evaluations;
    },
  };
}

/** Tables by the clocks that plans set, the last few of them: a search over frequencies asks for many placements at each. */
function tablesOf(problem: Problem): (frequency: Plan['frequency']) => CostTables {
  const fastest = costTables(problem);
  const kept = new Map<string, CostTables>();
  return (frequency) => {
    if (frequency === undefined) return fastest;
    const key = JSON.stringify(Object.entries(frequency).sort(([left], [right]) => (left < right ? -1 : 1)));
    const known = kept.get(key);
    if (known !== undefined) return known;
    if (kept.size >= mostTables) kept.clear();
    const tables = costTables(problem, frequency);
    kept.set(key, tables);
    return tables;
  };
}

const mostTables = 16;

function evaluateWith(problem: Problem, tables: CostTables, plan: Plan): Report {
  const times = plan.stages.map(({ device, nodes }) =>
    stageTime(tables.compute, tables.compute.devices.indexOf(device), nodes),
  );
  const computeSeconds = times.map((time) => time.seconds);
  const tasks = planTasks(problem, tables, plan, computeSeconds);
  const schedule = listSchedule(tasks);
  checkComplete(schedule);
  const stages = plan.stages.map((stage, index) =>
    stageReport(stage, times[index] ?? { seconds: seconds(0), source: 'measured' }, schedule, index),
  );
  const transfers = [...plan.transfers.keys()].map((index) => transferReport(problem, plan, schedule, index));
  const resources = resourceReports(problem, tables, plan, tasks, schedule);
  const { latencySeconds, periodSeconds, energy, devices, hosts, links } = resources;
  return {
    latencySeconds,
    periodSeconds,
    makespanSeconds: makespan(latencySeconds, periodSeconds, requestsOf(problem.workload)),
    energyJoules: energy.known ? energy.energyJoules : null,
    energyUnknown: energy.known ? null : energy.reason,
    bytesSent: bytes(transfers.reduce((sum, transfer) => sum + transfer.bytes, 0)),
    peakMemoryBytes: bytes(devices.reduce((most, device) => Math.max(most, device.memoryBytes), 0)),
    source: times.reduce((source: Source, time) => leastCertain(source, time.source), 'measured'),
    stages,
    transfers,
    devices,
    hosts,
    links,
    violations: violationsOf(problem, tables, plan, resources),
  };
}

/** Last finish of `requests` that are all there at the start, on a chain of exclusive resources: Σ d + (n − 1) max d. */
function makespan(latencySeconds: number, periodSeconds: number, requests: number): Seconds {
  return seconds(requests === 1 ? latencySeconds : latencySeconds + (requests - 1) * periodSeconds);
}

function checkComplete(schedule: Schedule): void {
  if (!schedule.there.some((time) => Number.isNaN(time))) return;
  throw new InvalidInputError(
    'stages of the plan wait for each other, expected an order in which all can run',
    'Check plans from elsewhere with validatePlan before pricing them.',
  );
}

function stageReport(stage: Stage, time: SourcedSeconds, schedule: Schedule, index: number): StageReport {
  return {
    device: stage.device,
    computeSeconds: time.seconds,
    startSeconds: at(schedule.start, index),
    endSeconds: at(schedule.end, index),
    source: time.source,
  };
}

function transferReport(problem: Problem, plan: Plan, schedule: Schedule, index: number): TransferReport {
  const { tensor, from, to } = plan.transfers[index] ?? { tensor: -1, from: '', to: '' };
  const task = plan.stages.length + index;
  return {
    tensor,
    from,
    to,
    bytes: tensorBytes(problem, tensor),
    startSeconds: at(schedule.start, task),
    endSeconds: at(schedule.there, task),
  };
}

function at(times: Float64Array, index: number): Seconds {
  return seconds(times[index] ?? 0);
}

function tensorBytes(problem: Problem, tensor: number): Bytes {
  return problem.graph.tensors[tensor]?.bytes ?? bytes(0);
}
