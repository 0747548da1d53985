import { InvalidInputError } from '../errors.ts';
import type { Plan, Stage } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { leastCertain } from '../profile/node-seconds.ts';
import type { Source } from '../profile/profile.ts';
import { type Bytes, bytes, type Seconds, seconds } from '../units.ts';
import { type ComputeTable, type CostTables, costTables } from './cost-tables.ts';
import { deviceMemory } from './device-memory.ts';
import { listSchedule, type Schedule, type Task } from './list-schedule.ts';
import { planTasks } from './plan-tasks.ts';
import type { DeviceReport, LinkReport, Report, StageReport, TransferReport } from './report.ts';
import { violationsOf } from './violations-of.ts';

/** The cost model of one problem, as planners see it; counts how many plans it priced. */
export interface Evaluator {
  evaluate(plan: Plan): Report;
  readonly evaluations: number;
}

/** What `plan` costs; see `createEvaluator`, which is faster for many plans of one problem. */
export function evaluate(problem: Problem, plan: Plan): Report {
  return evaluateWith(problem, costTables(problem), plan);
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
  const tables = costTables(problem);
  let evaluations = 0;
  return {
    evaluate: (plan) => {
      evaluations++;
      return evaluateWith(problem, tables, plan);
    },
    get evaluations() {
      return evaluations;
    },
  };
}

function evaluateWith(problem: Problem, tables: CostTables, plan: Plan): Report {
  const times = plan.stages.map((stage) => stageTime(tables.compute, stage));
  const computeSeconds = times.map((time) => time.seconds);
  const tasks = planTasks(problem, tables, plan, computeSeconds);
  const schedule = listSchedule(tasks);
  checkComplete(schedule);
  const stages = plan.stages.map((stage, index) => stageReport(stage, times[index] ?? idle, schedule, index));
  const transfers = [...plan.transfers.keys()].map((index) => transferReport(problem, plan, schedule, index));
  const busy = busySeconds(tasks);
  const devices = deviceReports(problem, plan, busy);
  const links = linkReports(problem, tables, plan, busy);
  return {
    latencySeconds: seconds(schedule.there.reduce((latest, time) => Math.max(latest, time), 0)),
    periodSeconds: seconds(busy.reduce((most, time) => Math.max(most, time), 0)),
    bytesSent: bytes(transfers.reduce((sum, transfer) => sum + transfer.bytes, 0)),
    peakMemoryBytes: bytes(devices.reduce((most, device) => Math.max(most, device.memoryBytes), 0)),
    source: times.reduce((source: Source, time) => leastCertain(source, time.source), 'measured'),
    stages,
    transfers,
    devices,
    links,
    violations: violationsOf(problem, tables, plan, devices),
  };
}

interface StageTime {
  readonly seconds: number;
  readonly source: Source;
}

const idle: StageTime = { seconds: 0, source: 'measured' };

function stageTime(table: ComputeTable, stage: Stage): StageTime {
  const device = table.devices.indexOf(stage.device);
  let sum = 0;
  let source: Source = 'measured';
  for (const node of stage.nodes) {
    sum += table.seconds[device]?.[node] ?? 0;
    source = leastCertain(source, table.sources[device]?.[node] ?? 'measured');
  }
  return { seconds: sum, source };
}

function checkComplete(schedule: Schedule): void {
  if (!schedule.there.some((time) => Number.isNaN(time))) return;
  throw new InvalidInputError(
    'stages of the plan wait for each other, expected an order in which all can run',
    'Check plans from elsewhere with validatePlan before pricing them.',
  );
}

function stageReport(stage: Stage, time: StageTime, schedule: Schedule, index: number): StageReport {
  return {
    device: stage.device,
    computeSeconds: seconds(time.seconds),
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

/** By resource: devices, then links, then whatever has no link. */
function busySeconds(tasks: readonly Task[]): number[] {
  const busy: number[] = [];
  for (const { resource, occupiedSeconds } of tasks) {
    while (busy.length <= resource) busy.push(0);
    busy[resource] = (busy[resource] ?? 0) + occupiedSeconds;
  }
  return busy;
}

function deviceReports(problem: Problem, plan: Plan, busy: readonly number[]): DeviceReport[] {
  const { source, sink } = problem.workload;
  const used = new Set([source, sink, ...plan.stages.map(({ device }) => device)]);
  const reports: DeviceReport[] = [];
  for (const [index, { id }] of problem.cluster.devices.entries()) {
    if (!used.has(id)) continue;
    reports.push({ device: id, busySeconds: seconds(busy[index] ?? 0), ...deviceMemory(problem, plan, id) });
  }
  return reports;
}

/** Links that carry something, in the cluster's order. */
function linkReports(
  problem: Problem,
  tables: CostTables,
  plan: Plan,
  busy: readonly number[],
): LinkReport[] {
  const reports: LinkReport[] = [];
  for (const [index, { from, to }] of tables.transfer.links.entries()) {
    const carried = plan.transfers.filter((transfer) => transfer.from === from && transfer.to === to);
    if (carried.length === 0) continue;
    const size = carried.reduce((sum, { tensor }) => sum + tensorBytes(problem, tensor), 0);
    const time = busy[tables.compute.devices.length + index] ?? 0;
    reports.push({ from, to, busySeconds: seconds(time), bytes: bytes(size) });
  }
  return reports;
}
