import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { type CostTables, linkIndex } from './cost-tables.ts';
import type { Energy } from './energy.ts';
import type { DeviceReport, HostReport } from './report.ts';
import type { ResourceReports } from './resource-reports.ts';

/** Constraints that a plan breaks, one sentence each, in a fixed order. */
export function violationsOf(
  problem: Problem,
  tables: CostTables,
  plan: Pick<Plan, 'transfers'>,
  { devices, hosts, latencySeconds, energy }: ResourceReports,
): string[] {
  return [
    ...devices.flatMap((device) => deviceExcess(problem, device)),
    ...hostExcesses(problem, devices, hosts),
    ...missingLinks(tables, plan),
    ...rawInputs(problem, plan),
    ...tooLate(problem, latencySeconds),
    ...tooHungry(problem, energy),
  ];
}

function deviceExcess(problem: Problem, report: DeviceReport): string[] {
  const capacity = problem.cluster.devices.find(({ id }) => id === report.device)?.memoryBytes ?? 0;
  if (report.memoryBytes <= capacity) return [];
  return [
    `Device '${report.device}' needs ${report.memoryBytes} bytes (parameters ${report.parameterBytes}, activations ` +
      `${report.activationBytes}, runtime ${report.overheadBytes}${queueText(report)}), ${report.memoryBytes - capacity} more than its ${capacity}.`,
  ];
}

const queueText = ({ queueBytes }: DeviceReport): string =>
  queueBytes === 0 ? '' : `, other requests ${queueBytes}`;

function hostExcesses(
  { cluster }: Problem,
  devices: readonly DeviceReport[],
  hosts: readonly HostReport[],
): string[] {
  return hosts.flatMap(({ host, memoryBytes: need }) => {
    const capacity = cluster.hosts.find(({ id }) => id === host)?.memoryBytes ?? 0;
    if (need <= capacity) return [];
    const engines = cluster.devices.filter((device) => device.host === host).map(({ id }) => id);
    const own = devices.filter(({ device }) => engines.includes(device));
    const names = own.map(({ device }) => `'${device}'`).join(', ');
    return [
      `Host '${host}' must hold ${need} bytes for ${names}, ${need - capacity} more than its ${capacity}.`,
    ];
  });
}

function tooLate({ constraints }: Problem, latencySeconds: number): string[] {
  const most = constraints.latencySeconds ?? Number.POSITIVE_INFINITY;
  return latencySeconds <= most ? [] : [`A request takes ${latencySeconds} s, and may take ${most} s.`];
}

function tooHungry({ constraints: { energyJoules: most } }: Problem, energy: Energy): string[] {
  if (most === undefined) return [];
  if (!energy.known)
    return [`A request may cost ${most} J, and what it costs is not known. ${energy.reason}`];
  return energy.energyJoules <= most
    ? []
    : [`A request costs ${energy.energyJoules} J, and may cost ${most} J.`];
}

function missingLinks(tables: CostTables, plan: Pick<Plan, 'transfers'>): string[] {
  const missing = plan.transfers.filter(({ from, to }) => linkIndex(tables.transfer, from, to) < 0);
  const pairs = new Set(missing.map(({ from, to }) => `from '${from}' to '${to}'`));
  return [...pairs].map((pair) => `No link leads ${pair}, and the plan sends a tensor there.`);
}

function rawInputs({ graph, constraints }: Problem, plan: Pick<Plan, 'transfers'>): string[] {
  if (!constraints.neverLeaveRawInput) return [];
  const raw = plan.transfers.filter(({ tensor }) => graph.tensors[tensor]?.producer === 'input');
  return raw.map(
    ({ tensor, from, to }) =>
      `The graph input '${graph.tensors[tensor]?.name}' would leave '${from}' for '${to}', and raw input must not leave.`,
  );
}
