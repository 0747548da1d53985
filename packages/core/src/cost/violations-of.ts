import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { type CostTables, linkIndex } from './cost-tables.ts';
import type { DeviceReport } from './report.ts';

/** Constraints that a plan breaks, one sentence each, in a fixed order. */
export function violationsOf(
  problem: Problem,
  tables: CostTables,
  plan: Pick<Plan, 'transfers'>,
  devices: readonly DeviceReport[],
): string[] {
  return [
    ...devices.flatMap((device) => deviceExcess(problem, device)),
    ...hostExcesses(problem, devices),
    ...missingLinks(tables, plan),
    ...rawInputs(problem, plan),
  ];
}

function deviceExcess(problem: Problem, report: DeviceReport): string[] {
  const capacity = problem.cluster.devices.find(({ id }) => id === report.device)?.memoryBytes ?? 0;
  if (report.memoryBytes <= capacity) return [];
  return [
    `Device '${report.device}' needs ${report.memoryBytes} bytes (parameters ${report.parameterBytes}, activations ` +
      `${report.activationBytes}, runtime ${report.overheadBytes}), ${report.memoryBytes - capacity} more than its ${capacity}.`,
  ];
}

function hostExcesses({ cluster }: Problem, devices: readonly DeviceReport[]): string[] {
  const sentences: string[] = [];
  for (const host of cluster.hosts) {
    const engines = cluster.devices.filter((device) => device.host === host.id).map(({ id }) => id);
    const own = devices.filter(({ device }) => engines.includes(device));
    const need = own.reduce((sum, device) => sum + device.memoryBytes, 0);
    if (need <= host.memoryBytes) continue;
    const names = own.map(({ device }) => `'${device}'`).join(', ');
    sentences.push(
      `Host '${host.id}' must hold ${need} bytes for ${names}, ${need - host.memoryBytes} more than its ${host.memoryBytes}.`,
    );
  }
  return sentences;
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
