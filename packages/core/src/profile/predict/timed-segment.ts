import type { Device } from '../../cluster/cluster.ts';
import type { Frequencies } from '../../cluster/hardware.ts';
import type { Bytes, BytesPerSecond, FlopsPerSecond, Seconds } from '../../units.ts';
import type { SegmentWork } from './segment-work.ts';

/** What a predictor may know of a device: no identity, no place, no load. Null where a figure is unknown. */
export interface DeviceTraits {
  readonly threads: number;
  /** With these threads: the data sheet's peak or what dense kernels sustain, but the same of the two for all that is learned from. */
  readonly flopsPerSecond: FlopsPerSecond;
  readonly memoryBytesPerSecond: BytesPerSecond;
  readonly clockHertz: number | null;
  /** fp32 operations that one core finishes in a cycle at best; a fused multiply-add is two. */
  readonly operationsPerCycle: number | null;
  readonly outOfOrder: boolean | null;
  /** The last level before memory. */
  readonly cacheBytes: Bytes | null;
}

/** A set of nodes on a device. */
export interface PlacedSegment {
  readonly work: SegmentWork;
  readonly device: DeviceTraits;
}

/** What a predictor learns from: the time of a segment on an idle device. */
export interface TimedSegment extends PlacedSegment {
  readonly seconds: Seconds;
}

/** What a cluster file says of a device; whether it reorders instructions is not among it. */
export function deviceTraits(device: Device): DeviceTraits {
  const { frequencies, microarchitecture } = device;
  const { simdBits, fmaUnits, level2Bytes, level3Bytes } = microarchitecture ?? {};
  return {
    threads: device.threads,
    flopsPerSecond: device.flopsPerSecond,
    memoryBytesPerSecond: device.memoryBytesPerSecond,
    clockHertz: frequencies === undefined ? null : highestHertz(frequencies),
    operationsPerCycle:
      simdBits === undefined || fmaUnits === undefined ? null : 2 * fmaUnits * (simdBits / floatBits),
    outOfOrder: null,
    cacheBytes: level3Bytes ?? level2Bytes ?? null,
  };
}

const floatBits = 32;

function highestHertz(frequencies: Frequencies): number | null {
  return frequencies.kind === 'range' ? frequencies.maximumHertz : (frequencies.levelsHertz.at(-1) ?? null);
}
