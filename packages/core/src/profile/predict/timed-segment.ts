import type { Device } from '../../cluster/cluster.ts';
import type { Seconds } from '../../units.ts';
import type { SegmentWork } from './segment-work.ts';

/** The part of a Device that a predictor may look at: no identity, no place, no load. */
export type DeviceTraits = Pick<
  Device,
  | 'kind'
  | 'flopsPerSecond'
  | 'memoryBytesPerSecond'
  | 'launchSeconds'
  | 'threads'
  | 'frequencies'
  | 'microarchitecture'
>;

/** A set of nodes on a device. */
export interface PlacedSegment {
  readonly work: SegmentWork;
  readonly device: DeviceTraits;
}

/** What a predictor learns from: the time of a segment on an idle device. */
export interface TimedSegment extends PlacedSegment {
  readonly seconds: Seconds;
}
