import type { DeviceId } from '../cluster/cluster.ts';
import { isUncalibrated } from '../plan/accuracy.ts';
import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import type { Partakers } from './partakers.ts';
import { nowhere, type ProblemIndex } from './problem-index.ts';
import type { DeviceReport, HostReport, Report } from './report.ts';
import type { RequestSchedule } from './request-schedule.ts';

/**
 * Adds the constraints that a plan breaks, one sentence each, in a fixed order. `report` says what `partakers` take part with;
 * `latencySeconds` is of the request that takes longest.
 */
export function addViolations(
  violations: string[],
  index: ProblemIndex,
  transfers: Plan['transfers'],
  schedule: RequestSchedule,
  partakers: Partakers,
  report: Report,
  latencySeconds: number,
): void {
  addExcesses(violations, index, partakers, report);
  addRouteFaults(violations, index, transfers, schedule, latencySeconds);
  addUncalibrated(violations, index.problem, transfers);
  addMissedLimits(violations, index.problem, report, latencySeconds);
}

/** More memory than there is. */
export function addExcesses(
  violations: string[],
  index: ProblemIndex,
  partakers: Partakers,
  { devices, hosts }: Report,
): void {
  addDeviceExcesses(violations, index, partakers, devices);
  addHostExcesses(violations, index, partakers, devices, hosts);
}

/** What never arrives or must not leave. */
export function addRouteFaults(
  violations: string[],
  index: ProblemIndex,
  transfers: Plan['transfers'],
  schedule: RequestSchedule,
  latencySeconds: number,
): void {
  const { problem } = index;
  if (latencySeconds === Number.POSITIVE_INFINITY) {
    addMissingLinks(violations, index, transfers, schedule);
    addEndlessTransfers(violations, index, transfers, schedule);
  }
  if (problem.constraints.neverLeaveRawInput) addRawInputs(violations, problem, transfers);
}

/** Figures above what the constraints allow. */
export function addMissedLimits(
  violations: string[],
  problem: Problem,
  report: Report,
  latencySeconds: number,
): void {
  addTooLate(violations, problem, latencySeconds);
  addTooHungry(violations, problem, report);
  addTooCoarse(violations, problem, report.accuracyLoss);
}

function addDeviceExcesses(
  violations: string[],
  { deviceCapacities }: ProblemIndex,
  { devices: positions }: Partakers,
  devices: readonly DeviceReport[],
): void {
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
  partakers: Partakers,
  devices: readonly DeviceReport[],
  hosts: readonly HostReport[],
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
  index: ProblemIndex,
  transfers: Plan['transfers'],
  { tasks }: RequestSchedule,
): void {
  const firstTask = tasks.count - transfers.length;
  const missing = transfers.filter((_transfer, at) => tasks.at(firstTask + at).resource === nowhere(index));
  const sentences = new Set(missing.map(({ from, to }) => missingLinkText(index.problem, from, to)));
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
  index: ProblemIndex,
  transfers: Plan['transfers'],
  { tasks }: RequestSchedule,
): void {
  const { graph } = index.problem;
  const firstTask = tasks.count - transfers.length;
  for (let at = 0; at < transfers.length; at++) {
    const { startSeconds: start, endSeconds, resource } = tasks.at(firstTask + at);
    const isEndless = endSeconds === Number.POSITIVE_INFINITY;
    if (!isEndless || start === Number.POSITIVE_INFINITY || resource === nowhere(index)) continue;
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
  if (problem.accuracy?.others !== 'raw') return;
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

function addTooHungry(
  violations: string[],
  { constraints }: Problem,
  { energyJoules, energyUnknown }: Report,
): void {
  const most = constraints.energyJoules;
  if (most === undefined) return;
  if (energyJoules === null)
    violations.push(`A request may cost ${most} J, and what it costs is not known. ${energyUnknown}`);
  else if (energyJoules > most) violations.push(`A request costs ${energyJoules} J, and may cost ${most} J.`);
}
