import type { DeviceId } from '../cluster/cluster.ts';
import { isUncalibrated } from '../plan/accuracy.ts';
import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import type { Energy } from './energy.ts';
import type { Partakers } from './partakers.ts';
import type { ProblemIndex } from './problem-index.ts';
import type { DeviceReport, HostReport } from './report.ts';
import type { RequestSchedule } from './request-schedule.ts';

/** What constraints are held against. */
export interface Priced {
  /** Whose `devices` and `hosts` these are. */
  readonly partakers: Partakers;
  readonly devices: readonly DeviceReport[];
  readonly hosts: readonly HostReport[];
  readonly schedule: RequestSchedule;
  /** Of the request that takes longest. */
  readonly latencySeconds: number;
  readonly energy: Energy;
  readonly accuracyLoss: number;
}

/** Constraints that a plan breaks, one sentence each, in a fixed order. */
export function violationsOf(
  index: ProblemIndex,
  { transfers }: Pick<Plan, 'transfers'>,
  priced: Priced,
): string[] {
  const { problem } = index;
  const violations: string[] = [];
  addExcesses(violations, index, priced);
  addRouteFaults(violations, problem, transfers, priced);
  addUncalibrated(violations, problem, transfers);
  addMissedLimits(violations, problem, priced);
  return violations;
}

/** More memory than there is. */
export function addExcesses(
  violations: string[],
  index: ProblemIndex,
  priced: Pick<Priced, 'partakers' | 'devices' | 'hosts'>,
): void {
  addDeviceExcesses(violations, index, priced);
  addHostExcesses(violations, index, priced);
}

/** What never arrives or must not leave. */
export function addRouteFaults(
  violations: string[],
  problem: Problem,
  transfers: Plan['transfers'],
  { latencySeconds, schedule }: Pick<Priced, 'latencySeconds' | 'schedule'>,
): void {
  if (latencySeconds === Number.POSITIVE_INFINITY) {
    addMissingLinks(violations, problem, transfers, schedule);
    addEndlessTransfers(violations, problem, transfers, schedule);
  }
  if (problem.constraints.neverLeaveRawInput) addRawInputs(violations, problem, transfers);
}

/** Figures above what the constraints allow. */
export function addMissedLimits(
  violations: string[],
  problem: Problem,
  { latencySeconds, energy, accuracyLoss }: Pick<Priced, 'latencySeconds' | 'energy' | 'accuracyLoss'>,
): void {
  addTooLate(violations, problem, latencySeconds);
  addTooHungry(violations, problem, energy);
  addTooCoarse(violations, problem, accuracyLoss);
}

function addDeviceExcesses(
  violations: string[],
  { deviceCapacities }: ProblemIndex,
  { partakers, devices }: Pick<Priced, 'partakers' | 'devices'>,
): void {
  const { devices: positions } = partakers;
  for (let at = 0; at < positions.length; at++) {
    const report = devices[at];
    const capacity = deviceCapacities[positions[at] ?? 0] ?? 0;
    if (report === undefined || report.memoryBytes <= capacity) continue;
    violations.push(
      `Device '${report.device}' needs ${report.memoryBytes} bytes (parameters ${report.parameterBytes}, activations ` +
        `${report.activationBytes}, runtime ${report.overheadBytes}${queueText(report)}${loadText(report)}), ${report.memoryBytes - capacity} more than its ${capacity}.`,
    );
  }
}

const queueText = ({ queueBytes }: DeviceReport): string =>
  queueBytes === 0 ? '' : `, other requests ${queueBytes}`;

/** The peak of loading is no sum of the parts named before it. */
const loadText = ({ loadPeakBytes, memoryBytes, ...parts }: DeviceReport): string => {
  const running = parts.parameterBytes + parts.activationBytes + parts.queueBytes + parts.overheadBytes;
  return memoryBytes > running ? `, loading ${loadPeakBytes - parts.overheadBytes}` : '';
};

function addHostExcesses(
  violations: string[],
  { problem, hostCapacities }: ProblemIndex,
  { partakers, devices, hosts }: Pick<Priced, 'partakers' | 'devices' | 'hosts'>,
): void {
  for (let at = 0; at < hosts.length; at++) {
    const report = hosts[at];
    const capacity = hostCapacities[partakers.hosts[at] ?? 0] ?? 0;
    if (report === undefined || report.memoryBytes <= capacity) continue;
    violations.push(hostExcess(problem, report, capacity, devices));
  }
}

function hostExcess(
  { cluster }: Problem,
  { host, memoryBytes: need }: HostReport,
  capacity: number,
  devices: readonly DeviceReport[],
): string {
  const engines = cluster.devices.filter((device) => device.host === host).map((device) => device.id);
  const own = devices.filter(({ device }) => engines.includes(device));
  const names = own.map(({ device }) => `'${device}'`).join(', ');
  return `Host '${host}' must hold ${need} bytes for ${names}, ${need - capacity} more than its ${capacity}.`;
}

/** A tensor on no link never arrives, so the latency of a plan that has one is infinite. */
function addMissingLinks(
  violations: string[],
  problem: Problem,
  transfers: Plan['transfers'],
  { links }: RequestSchedule,
): void {
  const missing = transfers.filter((_transfer, at) => links[at] === -1);
  const sentences = new Set(missing.map(({ from, to }) => missingLinkText(problem, from, to)));
  violations.push(...[...sentences].map((sentence) => `${sentence}, and the plan sends a tensor there.`));
}

/** Why the transfer table has no row for a way between devices; the beginning of a sentence. */
export function missingLinkText({ cluster }: Pick<Problem, 'cluster'>, from: DeviceId, to: DeviceId): string {
  const isStated = cluster.links.some((link) => link.from === from && link.to === to);
  return isStated
    ? `The link from '${from}' to '${to}' has 0 bit/s at all times`
    : `No link leads from '${from}' to '${to}'`;
}

/** Of those that start and have a link. */
function addEndlessTransfers(
  violations: string[],
  { graph }: Problem,
  transfers: Plan['transfers'],
  { tasks, links }: RequestSchedule,
): void {
  const firstTask = tasks.count - transfers.length;
  for (let at = 0; at < transfers.length; at++) {
    const start = tasks.start[firstTask + at] ?? 0;
    const isEndless = tasks.end[firstTask + at] === Number.POSITIVE_INFINITY;
    if (!isEndless || start === Number.POSITIVE_INFINITY || links[at] === -1) continue;
    const { tensor = -1, from = '', to = '' } = transfers[at] ?? {};
    violations.push(
      `The tensor '${graph.tensors[tensor]?.name}', sent from '${from}' to '${to}' at ${start} s, never arrives: ` +
        `the link's trace ends at 0 bit/s before all of it is sent.`,
    );
  }
}

function addRawInputs(violations: string[], { graph }: Problem, transfers: Plan['transfers']): void {
  for (const { tensor, from, to } of transfers) {
    if (graph.tensors[tensor]?.producer !== 'input') continue;
    violations.push(
      `The graph input '${graph.tensors[tensor]?.name}' would leave '${from}' for '${to}', and raw input must not leave.`,
    );
  }
}

function addTooLate(violations: string[], { constraints }: Problem, latencySeconds: number): void {
  const most = constraints.latencySeconds ?? Number.POSITIVE_INFINITY;
  if (latencySeconds > most) violations.push(`A request takes ${latencySeconds} s, and may take ${most} s.`);
}

function addUncalibrated(violations: string[], problem: Problem, transfers: Plan['transfers']): void {
  for (const { tensor, codec } of transfers) {
    if (!isUncalibrated(problem, tensor, codec)) continue;
    violations.push(
      `Nothing was calibrated of '${problem.graph.tensors[tensor]?.name}', so that it may travel raw only, and the plan codes it.`,
    );
  }
}

function addTooCoarse(violations: string[], { constraints }: Problem, accuracyLoss: number): void {
  const most = constraints.accuracyLoss ?? 1;
  if (accuracyLoss > most)
    violations.push(
      `Codecs and exits may cost ${accuracyLoss} of the answers, and must not cost more than ${most}.`,
    );
}

function addTooHungry(violations: string[], { constraints }: Problem, energy: Energy): void {
  const most = constraints.energyJoules;
  if (most === undefined) return;
  if (!energy.known)
    violations.push(`A request may cost ${most} J, and what it costs is not known. ${energy.reason}`);
  else if (energy.energyJoules > most)
    violations.push(`A request costs ${energy.energyJoules} J, and may cost ${most} J.`);
}
