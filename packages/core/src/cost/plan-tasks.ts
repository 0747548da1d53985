import type { DeviceId } from '../cluster/cluster.ts';
import { InvalidInputError } from '../errors.ts';
import type { Transfer } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { transferBytes } from '../plan/transfer-codec.ts';
import { type CostTables, linkIndex, occupiedFrom, occupiedSeconds } from './cost-tables.ts';
import type { Task } from './list-schedule.ts';

export function stageTask(
  tables: CostTables,
  device: DeviceId,
  computeSeconds: number,
  after: readonly number[],
): Task {
  const resource = tables.compute.devices.indexOf(device);
  if (resource < 0) throw unknownDevice(tables.compute.devices, device);
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
  const tensor = problem.graph.tensors[transfer.tensor];
  const size = tensor === undefined ? 0 : transferBytes(tensor, transfer.codec);
  const fromStart = link === undefined ? null : occupiedFrom(link, size);
  return {
    resource: link === undefined ? firstLink + tables.transfer.links.length : firstLink + index,
    occupiedSeconds: link === undefined ? Number.POSITIVE_INFINITY : occupiedSeconds(link, size),
    delaySeconds: link?.delaySeconds ?? 0,
    after,
    queue: 'arrival',
    ...(fromStart === null ? {} : { occupiedFrom: fromStart }),
  };
}

export function unknownDevice(known: readonly DeviceId[], device: DeviceId): InvalidInputError {
  return new InvalidInputError(
    `the plan uses device '${device}', expected one of ${known.join(', ')}`,
    'Price a plan with the problem that it was made for.',
  );
}
