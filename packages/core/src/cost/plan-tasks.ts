import type { DeviceId } from '../cluster/cluster.ts';
import { InvalidInputError } from '../errors.ts';
import type { TensorId } from '../graph/graph.ts';
import type { Plan, Transfer } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { stageOfNodes } from '../plan/transfers-of.ts';
import { type CostTables, linkIndex, occupiedSeconds } from './cost-tables.ts';
import type { Task } from './list-schedule.ts';

/**
 * The work of one request under a plan, stages first, then transfers, both in the plan's order. A stage runs as one piece: it
 * starts when all it reads is there and gives all its outputs at its end, as a model runtime does. To send a tensor while the
 * same device goes on, a plan parts the stage after it (`partForOverlap`). Throws InvalidInputError on an unknown device and on a
 * tensor that no transfer brings.
 */
export function planTasks(
  problem: Problem,
  tables: CostTables,
  plan: Pick<Plan, 'stages' | 'transfers'>,
  computeSeconds: readonly number[],
): Task[] {
  const stageOf = stageOfNodes(problem, plan.stages);
  const producerStage = (tensor: TensorId): number => {
    const producer = problem.graph.tensors[tensor]?.producer;
    return typeof producer === 'number' ? (stageOf[producer] ?? -1) : -1;
  };
  const arrivals = arrivalTasks(plan);
  const stages = plan.stages.map((stage, index) => {
    const after = new Set<number>();
    for (const tensor of readsOf(problem, stage.nodes)) {
      const producer = producerStage(tensor);
      const device = producer < 0 ? problem.workload.source : plan.stages[producer]?.device;
      if (device !== stage.device) after.add(arrivalOf(arrivals, tensor, stage.device));
      else if (producer >= 0 && producer !== index) after.add(producer);
    }
    return stageTask(tables, stage.device, computeSeconds[index] ?? 0, [...after]);
  });
  const transfers = plan.transfers.map((transfer) => {
    const producer = producerStage(transfer.tensor);
    return transferTask(problem, tables, transfer, producer < 0 ? [] : [producer]);
  });
  return [...stages, ...transfers];
}

export function stageTask(
  tables: CostTables,
  device: DeviceId,
  computeSeconds: number,
  after: readonly number[],
): Task {
  const resource = tables.compute.devices.indexOf(device);
  if (resource < 0) throw unknownDevice(tables, device);
  return { resource, occupiedSeconds: computeSeconds, delaySeconds: 0, after, queue: 'order' };
}

/** A transfer between devices that are not connected never ends. */
export function transferTask(
  problem: Problem,
  tables: CostTables,
  transfer: Transfer,
  after: readonly number[],
): Task {
  const index = linkIndex(tables.transfer, transfer.from, transfer.to);
  const link = tables.transfer.links[index];
  const firstLink = tables.compute.devices.length;
  const size = problem.graph.tensors[transfer.tensor]?.bytes ?? 0;
  return {
    resource: link === undefined ? firstLink + tables.transfer.links.length : firstLink + index,
    occupiedSeconds: link === undefined ? Number.POSITIVE_INFINITY : occupiedSeconds(link, size),
    delaySeconds: link?.delaySeconds ?? 0,
    after,
    queue: 'arrival',
  };
}

function* readsOf(problem: Problem, nodes: readonly number[]): Generator<TensorId> {
  for (const node of nodes) yield* problem.graph.nodes[node]?.inputs ?? [];
}

/** By tensor and receiving device, the position of the transfer among the tasks. */
function arrivalTasks(plan: Pick<Plan, 'stages' | 'transfers'>): Map<TensorId, Map<DeviceId, number>> {
  const arrivals = new Map<TensorId, Map<DeviceId, number>>();
  for (const [index, { tensor, to }] of plan.transfers.entries()) {
    const devices = arrivals.get(tensor) ?? new Map<DeviceId, number>();
    arrivals.set(tensor, devices.set(to, plan.stages.length + index));
  }
  return arrivals;
}

function arrivalOf(
  arrivals: Map<TensorId, Map<DeviceId, number>>,
  tensor: TensorId,
  device: DeviceId,
): number {
  const index = arrivals.get(tensor)?.get(device);
  if (index !== undefined) return index;
  throw new InvalidInputError(
    `no transfer brings tensor ${tensor} to device '${device}', which reads it`,
    'Make plans with planOf, and check those from elsewhere with validatePlan.',
  );
}

function unknownDevice(tables: CostTables, device: DeviceId): InvalidInputError {
  return new InvalidInputError(
    `the plan uses device '${device}', expected one of ${tables.compute.devices.join(', ')}`,
    'Price a plan with the problem that it was made for.',
  );
}
