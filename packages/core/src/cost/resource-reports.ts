import type { HostId } from '../cluster/cluster.ts';
import { type Bytes, bytes, seconds } from '../units.ts';
import { bubblesOf } from './bubbles.ts';
import type { MemoryCounter } from './device-memory.ts';
import type { Energy } from './energy.ts';
import type { Partakers } from './partakers.ts';
import type { PlacedStage } from './placed-stage.ts';
import type { ProblemIndex } from './problem-index.ts';
import type { DeviceReport, HostReport, LinkReport } from './report.ts';
import type { ResourceUses } from './resource-uses.ts';
import { sizedList } from './sized-list.ts';

/** Of the devices at the positions `partakers`, like the energies. */
export function deviceReports(
  { deviceIds }: ProblemIndex,
  stages: readonly PlacedStage[],
  partakers: readonly number[],
  uses: ResourceUses,
  memory: MemoryCounter,
  energy: Energy,
): DeviceReport[] {
  const reports = sizedList<DeviceReport>(partakers.length);
  for (let at = 0; at < partakers.length; at++) {
    const device = partakers[at] ?? 0;
    const need = memory.of(device, stages);
    const use = uses.of(device);
    reports[at] = {
      device: deviceIds[device] ?? '',
      busySeconds: seconds(use.busySeconds),
      parameterBytes: need.parameterBytes,
      activationBytes: need.activationBytes,
      retainedBytes: need.retainedBytes,
      queueBytes: need.queueBytes,
      overheadBytes: need.overheadBytes,
      memoryBytes: need.memoryBytes,
      loadPeakBytes: need.loadPeakBytes,
      bubbles: bubblesOf(uses, use),
      energy: energy.known ? (energy.devices[at] ?? null) : null,
    };
  }
  return reports;
}

/** In the cluster's order; `devices` are the reports of the devices that take part. */
export function hostReports(
  { hostIds }: ProblemIndex,
  { hosts, hostPlaces }: Partakers,
  devices: readonly DeviceReport[],
): HostReport[] {
  const reports = sizedList<{ host: HostId; memoryBytes: Bytes }>(hosts.length);
  for (let place = 0; place < hosts.length; place++)
    reports[place] = { host: hostIds[hosts[place] ?? 0] ?? '', memoryBytes: bytes(0) };
  for (let at = 0; at < hostPlaces.length; at++) {
    const place = hostPlaces[at] ?? -1;
    const report = place < 0 ? undefined : reports[place];
    if (report !== undefined)
      report.memoryBytes = bytes(report.memoryBytes + (devices[at]?.memoryBytes ?? 0));
  }
  return reports;
}

/** Links that carry something, in the cluster's order. */
export function linkReports({ transfer }: ProblemIndex, uses: ResourceUses): LinkReport[] {
  const reports = sizedList<LinkReport>(uses.linkCount);
  for (let at = 0; at < uses.linkCount; at++) {
    const use = uses.links[at];
    if (use === undefined) continue;
    const { from = '', to = '' } = transfer.links[use.link] ?? {};
    reports[at] = {
      from,
      to,
      busySeconds: seconds(use.busySeconds),
      bytes: bytes(use.bytes),
      bubbles: bubblesOf(uses, use),
    };
  }
  return reports;
}

export function peakMemory(devices: readonly DeviceReport[]): Bytes {
  let most = bytes(0);
  for (const { memoryBytes } of devices) if (memoryBytes > most) most = memoryBytes;
  return most;
}
