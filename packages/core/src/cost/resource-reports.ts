import { type Bytes, bytes, seconds } from '../units.ts';
import { bubblesOf } from './bubbles.ts';
import type { MemoryCounter } from './device-memory.ts';
import type { Energy } from './energy.ts';
import type { PlacedStage } from './placed-stage.ts';
import type { ProblemIndex } from './problem-index.ts';
import type { DeviceReport, HostReport, LinkReport } from './report.ts';
import type { RequestSchedule } from './request-schedule.ts';
import type { ResourceUses } from './resource-uses.ts';

/** Positions of the devices with a stage, of the source and of the sink, ascending. */
export function partakersOf(index: ProblemIndex, uses: ResourceUses): readonly number[] {
  const partakers: number[] = [];
  for (let device = 0; device < index.devices.size; device++)
    if (takesPart(index, uses, device)) partakers.push(device);
  return partakers;
}

function takesPart({ source, sink }: ProblemIndex, uses: ResourceUses, device: number): boolean {
  return device === source || device === sink || uses.isUsed(device);
}

/** In the order of `partakers`, like the energies. */
export function deviceReports(
  { deviceIds }: ProblemIndex,
  stages: readonly PlacedStage[],
  partakers: readonly number[],
  uses: ResourceUses,
  memory: MemoryCounter,
  energy: Energy,
): DeviceReport[] {
  return partakers.map((device, at) => {
    const need = memory.of(device, stages);
    return {
      device: deviceIds[device] ?? '',
      busySeconds: seconds(uses.busy[device] ?? 0),
      parameterBytes: need.parameterBytes,
      activationBytes: need.activationBytes,
      retainedBytes: need.retainedBytes,
      queueBytes: need.queueBytes,
      overheadBytes: need.overheadBytes,
      memoryBytes: need.memoryBytes,
      loadPeakBytes: need.loadPeakBytes,
      bubbles: bubblesOf(uses, device),
      energy: energy.known ? (energy.devices[at] ?? null) : null,
    };
  });
}

/** In the cluster's order; `devices` are the reports of `partakers`. */
export function hostReports(
  { hostIds, hostOf }: ProblemIndex,
  partakers: readonly number[],
  devices: readonly DeviceReport[],
): HostReport[] {
  const reports: HostReport[] = [];
  for (let host = 0; host < hostIds.length; host++) {
    const need = needOf(host, hostOf, partakers, devices);
    if (need >= 0) reports[reports.length] = { host: hostIds[host] ?? '', memoryBytes: bytes(need) };
  }
  return reports;
}

/** Of all that takes part on the host at `position`; -1 where nothing does. */
function needOf(
  position: number,
  hostOf: readonly number[],
  partakers: readonly number[],
  devices: readonly DeviceReport[],
): number {
  let need = -1;
  for (let at = 0; at < partakers.length; at++) {
    if (hostOf[partakers[at] ?? 0] === position) need = Math.max(0, need) + (devices[at]?.memoryBytes ?? 0);
  }
  return need;
}

/** Links that carry something, in the cluster's order. */
export function linkReports(
  { devices, transfer }: ProblemIndex,
  uses: ResourceUses,
  { linkBytes }: Pick<RequestSchedule, 'linkBytes'>,
): LinkReport[] {
  const reports: LinkReport[] = [];
  for (let at = 0; at < uses.linkCount; at++) {
    const link = uses.links[at] ?? 0;
    const { from = '', to = '' } = transfer.links[link] ?? {};
    reports[at] = {
      from,
      to,
      busySeconds: seconds(uses.busy[devices.size + link] ?? 0),
      bytes: bytes(linkBytes[link] ?? 0),
      bubbles: bubblesOf(uses, devices.size + link),
    };
  }
  return reports;
}

export function peakMemory(devices: readonly DeviceReport[]): Bytes {
  let most = bytes(0);
  for (const { memoryBytes } of devices) if (memoryBytes > most) most = memoryBytes;
  return most;
}
