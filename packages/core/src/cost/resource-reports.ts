import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { bytes, type Seconds, seconds } from '../units.ts';
import { bubblesOf, type ResourceUse, resourceUses } from './bubbles.ts';
import type { CostTables } from './cost-tables.ts';
import { deviceMemory } from './device-memory.ts';
import { type Energy, energyOf } from './energy.ts';
import type { Schedule, Task } from './list-schedule.ts';
import type { DeviceReport, HostReport, LinkReport } from './report.ts';

/** What one request does to the devices, hosts and links. */
export interface ResourceReports {
  readonly latencySeconds: Seconds;
  readonly periodSeconds: Seconds;
  readonly energy: Energy;
  readonly devices: readonly DeviceReport[];
  readonly hosts: readonly HostReport[];
  readonly links: readonly LinkReport[];
}

interface Times {
  readonly latencySeconds: number;
  readonly periodSeconds: number;
  /** By resource: devices, then links, then whatever has no link. */
  readonly uses: readonly ResourceUse[];
}

const unused: ResourceUse = { busySeconds: 0, spanSeconds: 0 };

export function resourceReports(
  problem: Problem,
  tables: CostTables,
  plan: Pick<Plan, 'stages' | 'transfers' | 'frequency'>,
  tasks: readonly Task[],
  schedule: Schedule,
): ResourceReports {
  const uses = resourceUses(
    tasks,
    schedule,
    problem.cluster.devices.length + tables.transfer.links.length + 1,
  );
  const latencySeconds = schedule.there.reduce((latest, time) => Math.max(latest, time), 0);
  const periodSeconds = uses.reduce((most, { busySeconds }) => Math.max(most, busySeconds), 0);
  const times = { latencySeconds, periodSeconds, uses };
  const links = linkReports(problem, tables, plan, times);
  const takePart = partakers(problem, plan);
  const busy = takePart.map(({ id, index }) => ({
    device: id,
    busySeconds: uses[index]?.busySeconds ?? 0,
  }));
  const energy = energyOf(problem, plan.frequency, { devices: busy, links, latencySeconds });
  const devices = takePart.map(({ id, index }): DeviceReport => {
    const use = uses[index] ?? unused;
    return {
      device: id,
      busySeconds: seconds(use.busySeconds),
      ...deviceMemory(problem, plan, id),
      bubbles: bubblesOf(use, latencySeconds, periodSeconds),
      energy: energy.known ? (energy.devices.get(id) ?? null) : null,
    };
  });
  return {
    latencySeconds: seconds(latencySeconds),
    periodSeconds: seconds(periodSeconds),
    energy,
    devices,
    hosts: hostReports(problem, devices),
    links,
  };
}

/** Devices with a stage, the source and the sink, in the cluster's order. */
function partakers(
  { cluster, workload }: Problem,
  plan: Pick<Plan, 'stages'>,
): { readonly id: string; readonly index: number }[] {
  const used = new Set([workload.source, workload.sink, ...plan.stages.map(({ device }) => device)]);
  return cluster.devices.map(({ id }, index) => ({ id, index })).filter(({ id }) => used.has(id));
}

function hostReports({ cluster }: Problem, devices: readonly DeviceReport[]): HostReport[] {
  return cluster.hosts.flatMap((host) => {
    const engines = new Set(cluster.devices.filter((device) => device.host === host.id).map(({ id }) => id));
    const own = devices.filter(({ device }) => engines.has(device));
    if (own.length === 0) return [];
    return [
      { host: host.id, memoryBytes: bytes(own.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0)) },
    ];
  });
}

/** Links that carry something, in the cluster's order. */
function linkReports(
  { graph, cluster }: Problem,
  tables: CostTables,
  plan: Pick<Plan, 'transfers'>,
  { latencySeconds, periodSeconds, uses }: Times,
): LinkReport[] {
  const reports: LinkReport[] = [];
  for (const [index, { from, to }] of tables.transfer.links.entries()) {
    const carried = plan.transfers.filter((transfer) => transfer.from === from && transfer.to === to);
    if (carried.length === 0) continue;
    const size = carried.reduce((sum, { tensor }) => sum + (graph.tensors[tensor]?.bytes ?? 0), 0);
    const use = uses[cluster.devices.length + index] ?? unused;
    reports.push({
      from,
      to,
      busySeconds: seconds(use.busySeconds),
      bytes: bytes(size),
      bubbles: bubblesOf(use, latencySeconds, periodSeconds),
    });
  }
  return reports;
}
