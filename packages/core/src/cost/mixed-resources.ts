import { bytes, joules, seconds } from '../units.ts';
import type { Bubbles } from './bubbles.ts';
import type { DeviceMemory, MemoryCounter } from './device-memory.ts';
import type { DeviceEnergy } from './energy.ts';
import { meanOf, mixPeriod, type PricedWay } from './priced-way.ts';
import { linkBetween, type ProblemIndex } from './problem-index.ts';
import type { DeviceReport, LinkReport } from './report.ts';

/** Every device that takes part in any way, in the cluster's order, with its position. */
export function mixedDevices(
  index: ProblemIndex,
  memory: MemoryCounter,
  ways: readonly PricedWay[],
): { readonly positions: readonly number[]; readonly devices: readonly DeviceReport[] } {
  const taking = new Set(ways.flatMap(({ report }) => report.devices.map(({ device }) => device)));
  const period = mixPeriod(ways);
  const positions: number[] = [];
  const devices: DeviceReport[] = [];
  for (const [position, { id }] of index.problem.cluster.devices.entries()) {
    if (!taking.has(id)) continue;
    const rows = ways.map((way) => ({ ...way, row: way.report.devices.find(({ device }) => device === id) }));
    positions.push(position);
    devices.push({
      device: id,
      busySeconds: seconds(meanOf(rows, ({ row }) => row?.busySeconds ?? 0)),
      ...mixedMemory(index, memory, ways, position),
      bubbles: meanBubbles(rows, position, period),
      energy: meanDeviceEnergy(rows),
    });
  }
  return { positions, devices };
}

/** Every link that carries something in any way, in the order of the transfer table. */
export function mixedLinks(index: ProblemIndex, ways: readonly PricedWay[]): LinkReport[] {
  const period = mixPeriod(ways);
  return index.transfer.links.flatMap(({ from, to }): LinkReport[] => {
    const rows = ways.map((way) => ({
      ...way,
      row: way.report.links.find((link) => link.from === from && link.to === to),
    }));
    if (rows.every(({ row }) => row === undefined)) return [];
    const link = linkBetween(index, index.devices.get(from) ?? -1, index.devices.get(to) ?? -1);
    return [
      {
        from,
        to,
        busySeconds: seconds(meanOf(rows, ({ row }) => row?.busySeconds ?? 0)),
        bytes: bytes(meanOf(rows, ({ row }) => row?.bytes ?? 0)),
        bubbles: meanBubbles(rows, index.devices.size + link, period),
      },
    ];
  });
}

/** A way and what its report says of one device or link; undefined where that takes no part. */
interface WayAt<Row> extends PricedWay {
  readonly row: Row | undefined;
}

function meanBubbles(
  rows: readonly WayAt<{ readonly bubbles: Bubbles }>[],
  resource: number,
  period: number,
): Bubbles {
  const paced = meanOf(rows, (way) => way.paced[resource] ?? 0);
  return {
    internalSeconds: seconds(meanOf(rows, ({ row }) => row?.bubbles.internalSeconds ?? 0)),
    windowSeconds: seconds(
      meanOf(rows, ({ row, report }) => row?.bubbles.windowSeconds ?? report.latencySeconds),
    ),
    steadySeconds: seconds(paced === Number.POSITIVE_INFINITY ? 0 : Math.max(0, period - paced)),
  };
}

/** A device that takes no part in a way costs nothing there: it may be off. Null where any way's energy is not known. */
function meanDeviceEnergy(rows: readonly WayAt<DeviceReport>[]): DeviceEnergy | null {
  if (rows.some(({ row }) => row?.energy === null)) return null;
  const mean = (part: keyof DeviceEnergy) => joules(meanOf(rows, ({ row }) => row?.energy?.[part] ?? 0));
  return {
    energyJoules: mean('energyJoules'),
    staticJoules: mean('staticJoules'),
    dynamicJoules: mean('dynamicJoules'),
    idleJoules: mean('idleJoules'),
    radioJoules: mean('radioJoules'),
  };
}

/**
 * Of a device that runs requests in every way: parameters that stay loaded are those of all ways, each once; what a request needs while it
 * runs is that of the way that needs most, and so is what each of the other requests of the batch holds.
 */
function mixedMemory(
  { problem }: ProblemIndex,
  memory: MemoryCounter,
  ways: readonly PricedWay[],
  device: number,
): DeviceMemory {
  const needs = ways.map(({ stages }) => memory.of(device, stages));
  const isResident = problem.constraints.memory === 'resident';
  const union = memory.of(
    device,
    ways.flatMap(({ stages }) => stages),
  ).parameterBytes;
  const parametersOf = (need: DeviceMemory): number => (isResident ? union : need.parameterBytes);
  const most = (figure: (need: DeviceMemory) => number): number => Math.max(0, ...needs.map(figure));
  const peak = needs.reduce((largest, need) =>
    parametersOf(need) + need.activationBytes > parametersOf(largest) + largest.activationBytes
      ? need
      : largest,
  );
  const queue = most(({ queueBytes }) => queueBytes);
  const loadPeak = most((need) => need.loadPeakBytes + (isResident ? union - need.parameterBytes : 0));
  const running = parametersOf(peak) + peak.activationBytes + queue + peak.overheadBytes;
  return {
    parameterBytes: bytes(parametersOf(peak)),
    activationBytes: peak.activationBytes,
    retainedBytes: peak.retainedBytes,
    queueBytes: bytes(queue),
    overheadBytes: peak.overheadBytes,
    memoryBytes: bytes(Math.max(running, loadPeak)),
    loadPeakBytes: bytes(loadPeak),
  };
}
